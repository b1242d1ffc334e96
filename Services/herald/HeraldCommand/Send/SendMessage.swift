import ArgumentParser
import Foundation
import Shared

/// `herald send`.
struct SendMessage: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "send",
        abstract: "Send one message.",
        discussion: """
            The message is taken at once and sent by a worker; --wait shows what becomes of it.

            Each send has an idempotency key, made when you give none: repeated with the same key, nothing is sent \
            twice. When it is unknown whether a message was taken, its key is printed.

            Examples:
              herald send --to +15550000001 --channel sandbox --body "Hello" --wait
              herald send --to ann@example.com --channel email --subject Hi --body Hello
              herald send --to ann@example.com --channel email --subject Invoice --body "See the file." \\
                --attach invoice.pdf --from-name "Ann Lee" --reply-to ann.lee@example.com
              herald send --to +14155550100 --channel whatsapp --template order_ready \\
                --language en --parameter 1=Ann
              herald send --to +14155550100 --channel sms --body Soon \\
                --at 2026-12-01T09:00:00+01:00
              herald send --to +14155550100 --channel sms --body Hello --dry-run
            """
    )

    @OptionGroup(title: "Message") var message: MessageOptions

    @Option(
        help: .init(
            "A name for this send, 1 to 255 printable characters: repeating it changes nothing.",
            valueName: "text"
        )
    )
    var idempotencyKey: String?

    @Flag(help: "Only say what would become of it: nothing is stored, nothing is sent.")
    var dryRun = false

    @Option(
        defaultAsFlag: 30,
        help: .init("Wait until it is delivered, or has failed, for at most so long.", valueName: "seconds")
    )
    var wait: Int?

    @OptionGroup var org: OrgOption
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard !self.dryRun || self.wait == nil else {
            throw ValidationError("--wait has nothing to wait for with --dry-run.")
        }
        // Who wants to wait longer than a day should ask again.
        if let wait, !(1...86_400).contains(wait) {
            throw ValidationError("--wait must be 1 to 86400 seconds.")
        }
        if let idempotencyKey {
            do {
                _ = try IdempotencyKey(idempotencyKey)
            } catch {
                throw ValidationError(error.title)
            }
        }
    }

    func run(in session: Session) async throws {
        let body = try self.message.json()
        let client = try self.org.client(in: session)
        guard !self.dryRun else {
            var request = APIRequest.post("/api/v1/messages", body)
            request.query = [("dry_run", "true")]
            let answer = try await client(request)
            try self.output.show(answer, from: client, in: session) { MessageText.of($0) }
            return
        }
        let answer = try await self.create(body, with: client, in: session)
        guard let wait else {
            try self.output.show(answer, from: client, in: session) { MessageText.of($0) }
            return
        }
        guard let id = answer.json?["id"]?.string else { throw client.foreign(answer) }
        let reading = MessageReading(client: client, id: id)
        let end = try await AwaitOutcome(reading: reading, limit: .seconds(wait)).run(on: session.context.clock)
        try await self.show(end, of: reading, with: client, in: session)
    }

    private func create(_ body: JSONValue, with client: APIClient, in session: Session) async throws -> APIAnswer {
        let key = self.idempotencyKey ?? UUID().uuidString.lowercased()
        var request = APIRequest.post("/api/v1/messages", body)
        request.headers = [("idempotency-key", key)]
        do {
            return try await client(request)
        } catch {
            if Self.mayHaveBeenTaken(error) {
                session.context.warn(
                    "herald: The message may have been taken, or not. The same command with --idempotency-key '\(key)' "
                        + "sends it once at most.\n"
                )
            }
            throw error
        }
    }

    /// False where the API has said that this request did nothing, and the command must be changed.
    private static func mayHaveBeenTaken(_ error: any Error) -> Bool {
        guard case .refused(let refusal)? = error as? CommandFailure else { return true }
        // 409: the same key is in use by a request that is still running. 429: come again.
        return refusal.status >= 500 || refusal.status == 409 || refusal.status == 429
    }

    private func show(
        _ end: AwaitOutcome.End,
        of reading: MessageReading,
        with client: APIClient,
        in session: Session
    ) async throws {
        let timeline =
            switch self.output.format(in: session.context) {
            case .json: ""
            case .table: TimelineText.of(try client.json(try await reading.timeline()))
            }
        try self.output.show(end.answer, from: client, in: session) { MessageText.of($0) + "\n" + timeline }
        switch end.verdict {
        case .went: break
        case .failed: throw CommandFailure.messageFailed
        case .unfinished: throw CommandFailure.unfinished
        }
    }
}
