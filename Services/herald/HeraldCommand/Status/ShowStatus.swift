import ArgumentParser
import Shared

/// `herald status`.
struct ShowStatus: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Say whether the API at API_URL is alive, and can work.",
        discussion: """
            Needs no key. Ends with 0 when it can work, 1 when it says that it can not, 3 when nobody answers.

            Example:
              herald status
            """
    )

    @OptionGroup var output: OutputOptions

    func run(in session: Session) async throws {
        let client = session.anonymousClient()
        let answer = try await client.answer(to: .get("/readyz"))
        guard let state = answer.json?["status"]?.string else { throw client.foreign(answer) }
        let isReady = answer.status == 200
        switch self.output.format(in: session.context) {
        case .json: session.context.write(answer.text + "\n")
        case .table:
            let missing = CellText.of(answer.json?["failing"] ?? .null)
            session.context.write(
                "\(client.baseURL) \(isReady ? "is ready" : "is alive, and can not work: \(PlainText.of(state))")"
                    + (missing.isEmpty ? "" : "; not there: \(missing)") + "\n"
            )
        }
        guard isReady else {
            throw CommandFailure.refused(
                Refusal(
                    status: answer.status,
                    title: "\(client.baseURL) can not work at the moment.",
                    code: nil,
                    retryAfter: answer.retryAfter
                )
            )
        }
    }
}
