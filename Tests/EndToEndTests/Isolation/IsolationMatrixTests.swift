import APIGateway
import Foundation
import NIOHTTP1
import Shared
import TestSupport
import Testing

/// Every route with every id of another organization's: it gets what an id that nobody has gets, and nothing comes of it.
@Suite struct IsolationMatrixTests {
    /// The two organizations, with what `IsolationMatrix` asks of them.
    private struct Pair: Sendable {
        let document: APIDocument
        let owner: FilledOrg
        let stranger: FilledOrg
    }

    @Test func everyPlaceOfAnIdInABodyHasItsProbe() throws {
        let probes = IsolationMatrix(try APIDocument.ours.get()).probes
        let places = probes.compactMap { if case .body = $0.place { $0.name } else { nil } }
        #expect(Set(places) == Set(IsolationMatrix.bodies.keys))
        #expect(places.count == Set(places).count)
    }

    @Test(.timeLimit(.minutes(5))) func nothingOfAnotherOrganizationIsReached() async throws {
        let document = try APIDocument.ours.get()
        let matrix = IsolationMatrix(document)
        try await withPlatform { platform in
            let operations = document.operations.filter(\.isAPI)
            let routes = platform.routes.filter { $0.path.hasPrefix("/api/v1") }
            #expect(Set(routes.map { "\($0.method) \($0.path)" }) == Set(operations.map(\.name)))

            let owner = try await FilledOrg.make(on: platform, try await platform.newTenant())
            let stranger = try await FilledOrg.make(on: platform, try await platform.newTenant())
            let pair = Pair(document: document, owner: owner, stranger: stranger)
            let before = try await Self.everything(of: owner, document)
            for probe in matrix.probes { try await Self.run(probe, pair) }
            for operation in operations where !operation.path.contains("{id}") {
                try await Self.claim(operation, pair)
            }
            for (path, answer) in try await Self.everything(of: owner, document) {
                #expect(answer == before[path], "\(path)")
            }
        }
    }

    private static func run(_ probe: IsolationMatrix.Probe, _ pair: Pair) async throws {
        if case .cursor = probe.place { return try await self.borrowCursor(probe, pair) }
        let foreign = try pair.owner.first(Self.kind(of: probe))
        let unknown = UUID().uuidString.lowercased()
        let theirs = try await self.send(probe, foreign, pair)
        let nobodys = try await self.send(probe, unknown, pair)
        #expect(theirs.status == nobodys.status, "\(probe.name)")
        #expect(Self.plain(theirs, foreign) == Self.plain(nobodys, unknown), "\(probe.name)")
        switch probe.place {
        case .path: #expect(theirs.status == 404, "\(probe.name): \(theirs.text.prefix(300))")
        case .body:
            let status = IsolationMatrix.bodies[probe.name]?.status
            #expect(theirs.status == status, "\(probe.name): \(theirs.text.prefix(500))")
            #expect(try await self.hasNoEffect(theirs, probe, pair), "\(probe.name): \(theirs.text.prefix(500))")
        case .query:
            let isEmpty = theirs.json["data"].map { $0 == [] } ?? theirs.bytes.isEmpty
            #expect(isEmpty || theirs.status == 404, "\(probe.name): \(theirs.text.prefix(300))")
        case .cursor: break
        }
    }

    /// Whether a body that was taken names nobody who was reached.
    private static func hasNoEffect(_ answer: API.Answer, _ probe: IsolationMatrix.Probe, _ pair: Pair) async throws
        -> Bool
    {
        switch answer.status {
        case 400...: return true
        case 207, 200:
            return answer.json["data"]?.array?.allSatisfy { [404, 422].contains($0["status"]?.int ?? 0) } ?? false
        case 202 where probe.operation.path == "/api/v1/broadcasts":
            let path = "/api/v1/broadcasts/\(answer.id)"
            try await eventually { try await pair.stranger.api.get(path).json["progress"]?["refused"] == 1 }
            return try await pair.stranger.api.get("\(path)/messages").json["data"] == []
        default: return answer.json["replayed"] == 0 || answer.json["count"] == 0 || answer.json["events"] == 0
        }
    }

    /// Asks with the stranger's key, whose own things stand wherever the probe does not look.
    private static func send(_ probe: IsolationMatrix.Probe, _ id: String, _ pair: Pair) async throws -> API.Answer {
        let (operation, method) = (probe.operation, HTTPMethod(rawValue: probe.operation.method))
        var (path, query) = (operation.path, try ContractTests.requiredQuery(of: operation))
        var body = ContractTests.body(of: operation, pair.document)
        if case .path = probe.place {
            path = path.replacing("{id}", with: id)
        } else if path.contains("{id}") {
            path = path.replacing("{id}", with: try pair.stranger.first(operation.resource))
        }
        switch probe.place {
        case .query(let name):
            query = query.isEmpty || query.contains(name) ? "?\(name)=\(id)" : query + "&\(name)=\(id)"
        case .body:
            let text = try #require(IsolationMatrix.bodies[probe.name]).body.text
            body = try JSONValue(parsing: Array(text.replacing("\"ID\"", with: "\"\(id)\"").utf8))
        case .path, .cursor: break
        }
        path = path.replacing("{n}", with: "0")
        return try await pair.stranger.api.send(method, path + query, method == .GET ? nil : body?.bytes, [:])
    }

    /// A cursor says where its own organization's list goes on; in another's hand it is refused.
    private static func borrowCursor(_ probe: IsolationMatrix.Probe, _ pair: Pair) async throws {
        // That of the verification names a part that every organization has, and no row.
        let isElsewhere =
            probe.operation.path.hasPrefix("/api/v1/orgs") || probe.operation.path.hasSuffix("-verification")
        guard !isElsewhere else { return }
        func path(_ org: FilledOrg) throws -> String {
            guard probe.operation.path.contains("{id}") else { return probe.operation.path }
            return probe.operation.path.replacing("{id}", with: try org.first(probe.kind))
        }
        let page = try await pair.owner.api.get("\(try path(pair.owner))?limit=1")
        guard let cursor = page.json["next_cursor"]?.string else {
            Issue.record("\(probe.name): there is no second page: \(page.text.prefix(300))")
            return
        }
        let answer = try await pair.stranger.api.get("\(try path(pair.stranger))?limit=1&cursor=\(cursor)")
        #expect(answer.status == 400 && answer.code == "invalid-query", "\(probe.name): \(answer.text.prefix(300))")
        let own = try await pair.owner.api.get("\(try path(pair.owner))?limit=1&cursor=\(cursor)")
        #expect(own.status == 200, "\(probe.name): \(own.text.prefix(300))")
    }

    /// A tenant's key with another's `X-Org-Id`: a list is the caller's own, a change is made to the caller's own.
    private static func claim(_ operation: APIDocument.Operation, _ pair: Pair) async throws {
        let method = HTTPMethod(rawValue: operation.method)
        let target = operation.path + (try ContractTests.requiredQuery(of: operation))
        let body = method == .GET ? nil : ContractTests.body(of: operation, pair.document)?.bytes
        let api = pair.stranger.api
        let claimed = try await api.send(method, target, body, ["x-org-id": pair.owner.id])
        #expect(!claimed.text.contains(pair.owner.id), "\(operation.name)")
        guard method == .GET else { return }
        // What the stranger has just made may still be on its way.
        try await eventually {
            let claimed = try await api.send(method, target, body, ["x-org-id": pair.owner.id])
            return try await Self.plain(claimed, "") == Self.plain(api.send(method, target, body, [:]), "")
        }
    }

    /// An answer without what differs from request to request.
    private static func plain(_ answer: API.Answer, _ id: String) -> String {
        let requestID = answer.headers.first(name: "x-request-id") ?? ""
        let text = answer.text.replacing(requestID, with: "REQUEST")
        // What a broadcast is called by, and when it was made.
        guard answer.status != 202 || answer.id.isEmpty else { return "accepted" }
        return id.isEmpty ? text : text.replacing(id, with: "ID")
    }

    private static func kind(of probe: IsolationMatrix.Probe) -> String {
        // An attachment that is there.
        probe.operation.path.contains("{n}") ? "mails" : probe.kind
    }

    /// All that an organization can see of itself, but for when its key was last used.
    private static func everything(of org: FilledOrg, _ document: APIDocument) async throws -> [String: String] {
        var seen: [String: String] = [:]
        for operation in document.operations where operation.method == "GET" && operation.isAPI {
            let kind = operation.resource
            let isElsewhere =
                ["orgs", "restore", "keys", "sends", "clock"].contains(kind) || operation.path.hasSuffix("/export")
            guard !isElsewhere else { continue }
            for id in operation.path.contains("{id}")
                ? org.ids[operation.path.contains("{n}") ? "mails" : kind] ?? [] : [""]
            {
                let path = operation.path.replacing("{id}", with: id).replacing("{n}", with: "0")
                let isList = operation.parameters(in: "query").contains { $0["name"] == "limit" }
                let query = isList ? "?limit=200" : try ContractTests.requiredQuery(of: operation)
                let answer = try await org.api.get(path + query)
                try #require(answer.status == 200, "\(path): \(answer.text.prefix(300))")
                seen[path] = Self.plain(answer, "")
            }
        }
        return seen
    }
}
