import ArgumentParser
import Foundation
import Shared

/// `herald customers reapply-erasures`.
struct ReapplyErasures: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "reapply-erasures",
        abstract: "Erase again who was erased, after a database was restored.",
        discussion: """
            A restored database has back what was erased since it was saved. Start the services without outbound-worker, \
            reapply, and start it then. Without a file it goes by what the gateway knows; where its database was restored \
            too, give the file that herald customers erasures --every-org --json wrote. Repeating it changes nothing. \
            Needs OPERATOR_KEY.

            Examples:
              herald customers reapply-erasures
              herald customers reapply-erasures --file erasures.json
            """
    )

    /// As many as the API takes at once.
    private static let batch = 100

    @Option(help: .init("What was erased: a list as JSON; - is standard input.", valueName: "path"))
    var file: String?

    @Option(help: .init("Only this organization.", valueName: "id"))
    var org: String?

    @Flag(help: "Do not wait for the end; herald customers erasures --status running shows the rest.")
    var noWait = false

    func run(in session: Session) async throws {
        if let file = self.file {
            try await self.reapply(try Self.data(at: file, in: session.context), of: file, in: session)
        } else if let org = self.org {
            try await self.reapply([(org, [[:]])], in: session)
        } else {
            try await self.reapply(try await EveryOrg.ids(in: session).map { ($0, [[:]]) }, in: session)
        }
    }

    /// Reapplies what a file says, `path` for what is said of it.
    func reapply(_ data: Data, of path: String, in session: Session) async throws {
        try await self.reapply(try self.bodies(of: try Self.erasures(in: data, of: path)), in: session)
    }

    private func reapply(_ orgs: [(id: String, bodies: [JSONValue])], in session: Session) async throws {
        let client = try session.operatorClient()
        var count = 0
        for (org, bodies) in orgs {
            for body in bodies {
                let answer = try await client(.post("/api/v1/orgs/\(APIRequest.encode(org))/erasures/reapply", body))
                count += answer.json?["reapplied"]?.int ?? 0
            }
        }
        session.context.warn("herald: \(count) erasures of \(orgs.count) organizations begin anew\n")
        guard !self.noWait else { return }
        for (org, _) in orgs { try await self.follow(org, in: session, on: session.context.clock) }
        session.context.write("\(count) erasures reapplied.\n")
    }

    private func follow<C: Clock<Duration>>(_ org: String, in session: Session, on clock: C) async throws {
        let pages = ListPages(
            client: try session.client(for: org),
            path: "/api/v1/erasures",
            query: [("status", "running")]
        )
        var told = ""
        while true {
            let page = try await pages.page(after: nil, limit: Limits.pageElements.upperBound)
            guard let first = page.resources.first else { return }
            let left = "\(page.resources.count)\(page.next == nil ? "" : " or more")"
            let error = first["last_error"]?.string.map { " (\(PlainText.of($0)))" } ?? ""
            let progress = "herald: \(PlainText.of(org)): \(left) still going on\(error)\n"
            if progress != told { session.context.warn(progress) }
            told = progress
            try await clock.sleep(for: .seconds(1))
        }
    }

    private func bodies(of erasures: [JSONValue]) throws(CommandFailure) -> [(id: String, bodies: [JSONValue])] {
        var byOrg: [String: [JSONValue]] = [:]
        for erasure in erasures {
            guard let org = erasure["org_id"]?.string else { throw .usage("An erasure of the file has no org_id.") }
            if self.org == nil || self.org == org { byOrg[org, default: []].append(erasure) }
        }
        return byOrg.sorted { $0.key < $1.key }.map { org, erasures in
            let starts = stride(from: 0, to: erasures.count, by: Self.batch)
            return (
                org,
                starts.map { ["erasures": .array(Array(erasures[$0..<min($0 + Self.batch, erasures.count)]))] }
            )
        }
    }

    /// Reads a file; `-` is standard input.
    static func data(at path: String, in context: CommandContext) throws(CommandFailure) -> Data {
        do {
            return path == "-" ? try context.readInput() : try Data(contentsOf: URL(filePath: path))
        } catch {
            throw .usage("The file \(PlainText.of(path)) can not be read.")
        }
    }

    private static func erasures(in data: Data, of path: String) throws(CommandFailure) -> [JSONValue] {
        if let list = try? JSONValue(parsing: Array(data)), let erasures = list.array ?? list["data"]?.array {
            return erasures
        }
        // As deploy/backup keeps them: one on a line, with more known of it on a later one.
        let lines = data.split(separator: UInt8(ascii: "\n"))
        let erasures = lines.compactMap { try? JSONValue(parsing: Array($0)) }.filter { $0["org_id"] != nil }
        guard !lines.isEmpty, erasures.count == lines.count else {
            throw .usage("The file \(PlainText.of(path)) is no list of erasures.")
        }
        return erasures
    }
}
