import ArgumentParser
import Shared

/// `herald keys create`.
struct CreateKey: APICommand {
    enum Mode: String, CaseIterable, ExpressibleByArgument {
        case live, test
    }

    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Create a key; it is shown this one time.",
        discussion: """
            With --org by the operator (OPERATOR_KEY), else for the organization of API_KEY. Without --scope the key may \
            do what its maker may. Messages of a test key go to the sandbox.

            Examples:
              herald keys create --name server --scope '*' \\
                --org 019aa5e0-0000-7000-8000-000000000000
              herald keys create --name staging --mode test
              herald keys create --name reports --scope messages:read --per-second 20
            """
    )

    @Option(help: .init("What the key is for, for people.", valueName: "text"))
    var name: String

    @Option(
        name: .customLong("scope"),
        help: .init("What the key may do; '*' is everything. May be repeated.", valueName: "scope")
    )
    var scopes: [String] = []

    @Option(help: "live sends, test goes to the sandbox; left out, that of the maker.")
    var mode: Mode?

    @Option(name: .customLong("expires"), help: .init("When the key ends: ISO 8601 with a zone.", valueName: "time"))
    var expiresAt: String?

    @OptionGroup var limit: RateLimitOptions
    @OptionGroup var org: OrgOption
    @OptionGroup var output: OutputOptions

    var body: JSONValue {
        var body: JSONObject = ["name": .string(self.name)]
        body["mode"] = self.mode.map { .string($0.rawValue) }
        body["expires_at"] = self.expiresAt.map { .string($0) }
        body["rate_limit"] = self.limit.value
        if !self.scopes.isEmpty { body["scopes"] = .array(self.scopes.map { .string($0) }) }
        return .object(body)
    }

    func run(in session: Session) async throws {
        let access = try KeyAccess(org: self.org.org, in: session)
        let answer = try await access.client(.post(access.path, self.body))
        try self.output.show(answer, from: access.client, in: session) { KeyText.made($0) }
    }
}
