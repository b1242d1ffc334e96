import ArgumentParser
import Shared

/// `herald failed flush`.
struct FlushFailed: APICommand {
    /// The problem with which the API says how many messages would go.
    private static let confirmationRequired = "confirmation-required"

    static let configuration = CommandConfiguration(
        commandName: "flush",
        abstract: "Delete failed messages: those that match, or all.",
        discussion: """
            Says how many they are, and asks; where there is no terminal to ask at, it needs --yes. It is a job, which \
            is followed to its end.

            Examples:
              herald failed flush --created-before 2026-10-01T00:00:00Z
              herald failed flush --yes
            """
    )

    @OptionGroup var filters: FailedFilters
    @OptionGroup var confirm: ConfirmOption
    @OptionGroup var job: JobOptions
    @OptionGroup var org: OrgOption
    @OptionGroup var output: OutputOptions

    func run(in session: Session) async throws {
        let client = try self.org.client(in: session)
        try await self.confirm.check(in: session.context) { try await self.question(to: client) }
        let job = try await client(self.request(["confirm": true]))
        try await self.job.show(job, from: client, as: self.output, in: session)
    }

    /// Lets the API say how many messages would go, which it does as long as nothing is confirmed.
    private func question(to client: APIClient) async throws -> String {
        do {
            throw client.foreign(try await client(self.request([:])))
        } catch CommandFailure.refused(let refusal) where refusal.code == Self.confirmationRequired {
            return (refusal.detail ?? refusal.title) + " Delete them?"
        }
    }

    private func request(_ body: JSONObject) -> APIRequest {
        var body = body
        if !self.filters.fields.isEmpty { body["filter"] = self.filters.fields.json }
        return .post("/api/v1/failed/flush", .object(body))
    }
}
