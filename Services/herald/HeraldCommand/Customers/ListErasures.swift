import ArgumentParser
import Shared

/// `herald customers erasures`.
struct ListErasures: APICommand {
    enum Status: String, CaseIterable, ExpressibleByArgument {
        case running, done
    }

    static let configuration = CommandConfiguration(
        commandName: "erasures",
        abstract: "List who was erased, the newest first.",
        discussion: """
            Only by ids and hashes. Kept as a file, it is what herald customers reapply-erasures needs once the gateway's \
            own database has been restored: write one with each backup.

            Examples:
              herald customers erasures --status running
              herald customers erasures --every-org --json > erasures.json
            """
    )

    static let columns: [ResourceColumn] = [
        .member("id"), .time("created_at", title: "created (utc)"), .member("customer_id"), .member("status"),
        ResourceColumn(shape: .init(title: "services"), cell: ErasureText.services), .member("last_error"),
    ]

    @Option(help: "Those that go on, or those that are done.")
    var status: Status?

    @Flag(help: "All erasures of all organizations; needs OPERATOR_KEY.")
    var everyOrg = false

    @OptionGroup var org: OrgOption
    @OptionGroup var list: ListOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard !self.everyOrg || self.org.org == nil else { throw ValidationError("Give --org or --every-org.") }
    }

    func run(in session: Session) async throws {
        let query = self.status.map { [("status", $0.rawValue)] } ?? []
        guard self.everyOrg else {
            let list = ListResources(
                client: try self.org.client(in: session),
                path: "/api/v1/erasures",
                query: query,
                options: self.list,
                columns: Self.columns
            )
            return try await list(as: self.output, in: session)
        }
        var erasures: [JSONValue] = []
        for org in try await EveryOrg.ids(in: session) {
            let pages = ListPages(client: try session.client(for: org), path: "/api/v1/erasures", query: query)
            erasures += try await pages.all()
        }
        switch self.output.format(in: session.context) {
        case .json:
            let list: JSONValue = ["data": .array(erasures), "next_cursor": .null]
            session.context.write(list.text + "\n")
        case .table: session.context.write(TextTable.text(Self.columns, erasures))
        }
    }
}

/// The organizations of the installation, for the operator.
enum EveryOrg {
    static func ids(in session: Session) async throws -> [String] {
        let pages = ListPages(client: try session.operatorClient(), path: "/api/v1/orgs")
        return try await pages.all().compactMap { $0["id"]?.string }
    }
}

extension ListPages {
    /// The resources of all pages.
    func all() async throws -> [JSONValue] {
        var (resources, cursor): ([JSONValue], String?) = ([], nil)
        repeat {
            let page = try await self.page(after: cursor, limit: Limits.pageElements.upperBound)
            resources += page.resources
            cursor = page.next
        } while cursor != nil
        return resources
    }
}
