import ArgumentParser
import Shared

/// `herald audit verify`.
struct VerifyAudit: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Compare the trail with its seals, and name what was changed, removed or added.",
        discussion: """
            Each service seals its part of the trail into a chain of hashes. With --heads the ends of the chains are kept in a \
            file, and must still be there the next time: keep it on another machine, because who can write the whole database \
            can make a new chain. The exit code is 1 when something is wrong; then the file stays as it is.

            Examples:
              herald audit verify
              herald audit verify --org 019aa5e0-0000-7000-8000-000000000000 --heads acme.json
            """
    )

    static let parts: [ResourceColumn] = [
        .member("part"), .number("seals"), .number("lines"), .number("redacted"), .number("waiting"),
        .member("head.number", title: "last seal"), .number("findings"),
    ]
    static let findings: [ResourceColumn] = [
        .member("part"), .member("kind"), .member("seal"), .member("event_id", title: "line"),
    ]

    @Option(help: .init("Where the ends of the chains are noted, and looked up the next time.", valueName: "path"))
    var heads: String?

    @OptionGroup var org: OrgOption
    @OptionGroup var output: OutputOptions

    func run(in session: Session) async throws {
        let client = try self.org.client(in: session)
        let known = try self.heads.map { try AuditHeads(readFrom: $0) }
        let report = try await Self.report(from: client, known: known)
        switch self.output.format(in: session.context) {
        case .json: session.context.write(report.json.text + "\n")
        case .table: session.context.write(report.table)
        }
        guard report.findings.isEmpty else { throw CommandFailure.trailBroken }
        if let heads { try report.heads.write(to: heads) }
    }

    private static func report(from client: APIClient, known: AuditHeads?) async throws -> AuditReport {
        var report = AuditReport()
        var cursor: String?
        repeat {
            var query: [(name: String, value: String)] = []
            if let cursor { query.append(("cursor", cursor)) }
            if let known, !known.isEmpty { query.append(("known", known.text)) }
            let answer = try await client(.get("/api/v1/audit-verification", query: query))
            let step = try client.json(answer)
            guard let part = step["part"]?.string, step["data"]?.array != nil else { throw client.foreign(answer) }
            report.add(step, of: part)
            let next = step["next_cursor"]?.string
            guard next == nil || next != cursor else { throw client.foreign(answer) }
            cursor = next
        } while cursor != nil
        return report
    }
}
