import ArgumentParser
import Shared

/// `herald customers erase`.
struct EraseCustomer: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "erase",
        abstract: "Erase a customer in every service, with all that was written.",
        discussion: """
            Names, addresses, texts and what providers said go for good; counts, times and the audit trail stay. Messages \
            that have not left are cancelled. It is followed to its end.

            Example:
              herald customers erase 019aa5e0-0000-7000-8000-000000000000 --yes
            """
    )

    @Argument(help: "The customer's id, also of one who was deleted.")
    var id: String

    @Flag(help: "Do not wait for the end; herald customers erasures shows it.")
    var noWait = false

    @OptionGroup var confirm: ConfirmOption
    @OptionGroup var org: OrgOption
    @OptionGroup var output: OutputOptions

    func run(in session: Session) async throws {
        let client = try self.org.client(in: session)
        try await self.confirm.check(in: session.context) {
            "The customer and all that was written to and by them will be gone for good. Erase them?"
        }
        var answer = try await client(.post("/api/v1/customers/\(APIRequest.encode(self.id))/erase", [:]))
        if !self.noWait { answer = try await self.end(from: answer, client, in: session, on: session.context.clock) }
        try self.output.show(answer, from: client, in: session) { ErasureText.of($0) }
    }

    private func end<C: Clock<Duration>>(
        from start: APIAnswer,
        _ client: APIClient,
        in session: Session,
        on clock: C
    ) async throws -> APIAnswer {
        var (answer, told) = (start, "")
        while true {
            guard let erasure = answer.json, let id = erasure["id"]?.string else { throw client.foreign(answer) }
            guard erasure["status"]?.string == "running" else { return answer }
            let progress = ErasureText.progress(of: erasure)
            if progress != told { session.context.warn(progress) }
            told = progress
            try await clock.sleep(for: .milliseconds(500))
            answer = try await client(.get("/api/v1/erasures/\(APIRequest.encode(id))"))
        }
    }
}

/// An erasure for a person.
enum ErasureText {
    /// The members, one to a line, and after them the services.
    static func of(_ erasure: JSONValue) -> String {
        let hidden: Set = ["services", "customer_ids", "conversation_ids", "address_marks"]
        let services = (erasure["services"]?.array ?? []).map { service in
            (service["service"].map(CellText.of) ?? "") + "  " + (service["status"].map(CellText.of) ?? "") + "\n"
        }
        return KeyValueList.text(erasure, hiding: hidden) + "\n" + services.joined()
    }

    /// `herald: erase: 2 of 4 services`, and what keeps the rest.
    static func progress(of erasure: JSONValue) -> String {
        let services = erasure["services"]?.array ?? []
        let done = services.count { $0["status"]?.string == "done" }
        let error = erasure["last_error"]?.string.map { " (\(PlainText.of($0)))" } ?? ""
        return "herald: erase: \(done) of \(services.count) services\(error)\n"
    }

    /// How many services are done, for a table.
    static func services(_ erasure: JSONValue) -> String {
        let services = erasure["services"]?.array ?? []
        return "\(services.count { $0["status"]?.string == "done" })/\(services.count)"
    }
}
