import APIGateway
import HTTPTypes
import NIOHTTP1
import Shared
import TestSupport
import Testing
import Yams

@Suite(.database(migrations: GatewayMigrations.all, role: "gateway"), .timeLimit(.minutes(5)))
struct DocumentTests {
    private static let methods: Set = ["get", "put", "post", "delete", "options", "head", "patch", "trace"]

    @Test func theDocumentHasTheRoutesAndNoOthers() async throws {
        try await Gateway.run { gateway in
            let documented = try await Self.operations(gateway).map {
                APIGatewayApp.Route(method: $0.method, path: $0.path)
            }
            #expect(Set(documented) == Set(gateway.routes))
            #expect(documented.count == Set(documented).count)
        }
    }

    @Test func everyOperationIsComplete() async throws {
        try await Gateway.run { gateway in
            let operations = try await Self.operations(gateway)
            #expect(Set(operations.compactMap { $0.node["operationId"]?.string }).count == operations.count)
            for operation in operations {
                let name = Comment(rawValue: "\(operation.method) \(operation.path)")
                let statuses = operation.node["responses"]?.mapping?.keys.compactMap(\.string) ?? []
                #expect(operation.node["summary"]?.string?.hasSuffix(".") == true, name)
                #expect(statuses.contains { $0.hasPrefix("2") }, name)
                guard operation.path.hasPrefix("/api/v1") else { continue }
                #expect(Set(["401", "429", "503"]).isSubset(of: statuses), name)
                #expect(
                    statuses.contains("404") == operation.path.contains("{id}") || operation.path == "/api/v1/messages",
                    name
                )
                if operation.node["requestBody"] != nil {
                    #expect(Set(["400", "413", "415", "422"]).isSubset(of: statuses), name)
                }
            }
        }
    }

    @Test func everyReferenceLeadsSomewhere() async throws {
        try await Gateway.run { gateway in
            let root = try await Self.document(gateway)
            let references = Self.references(in: root)
            #expect(references.count > 100)
            for reference in references {
                var node: Node? = root
                for part in reference.dropFirst(2).split(separator: "/") { node = node?[String(part)] }
                #expect(node != nil, "\(reference)")
            }
        }
    }

    @Test func everyBodyHasAnExampleAndEveryExampleFollowsItsSchema() throws {
        let document = try APIDocument.ours.get()
        let schema = JSONSchema(in: document.root, isClosed: false)
        for operation in document.operations {
            guard let body = document.bodySchema(of: operation) else { continue }
            let examples = document.bodyExamples(of: operation)
            #expect(!examples.isEmpty, "\(operation.name)")
            for example in examples {
                #expect(schema.violations(of: example, against: body) == [], "\(operation.name)")
            }
        }
        for named in document.root["components"]?["schemas"]?.object?.members ?? [] {
            guard let example = named.value["example"] else { continue }
            #expect(schema.violations(of: example, against: named.value) == [], "\(named.name)")
        }
    }

    @Test func theDocumentOfTheCheckoutIsServed() async throws {
        try await Gateway.run { gateway in
            let served = try APIDocument(yaml: try await gateway.call(.GET, "/openapi.yaml").body)
            #expect(try served.root == APIDocument.ours.get().root)
        }
    }

    @Test func theScopesAndStatusesAreThoseOfTheCode() async throws {
        try await Gateway.run { gateway in
            let schemas = try await Self.document(gateway)["components"]?["schemas"]
            func values(_ name: String) -> [String] { schemas?[name]?["enum"]?.sequence?.compactMap(\.string) ?? [] }
            #expect(Set(values("Scope")) == Set(Scope.allCases.map(\.rawValue)))
            #expect(values("MessageStatus") == MessageStatus.allCases.map(\.rawValue))
            #expect(values("Channel") == Channel.allCases.map(\.rawValue))
            #expect(Set(values("Provider")) == Set(ProviderKind.allCases.map(\.rawValue)))
        }
    }

    @Test func anAnswerHasTheDocumentedFields() async throws {
        try await Gateway.run { gateway in
            let schemas = try await Self.document(gateway)["components"]?["schemas"]
            let (org, key) = try await gateway.tenant()
            let shown = try await gateway.operate(.GET, "/api/v1/orgs/\(org)").json
            let keys = try await gateway.call(.GET, "/api/v1/keys", key: key.secret).json
            for service in [gateway.messaging, gateway.customers, gateway.inbox] {
                service.answer { _ in StubService.json(.ok, #"{"data":[],"next_cursor":null}"#) }
            }
            let trail = try await gateway.call(.GET, "/api/v1/audit-events", key: key.secret).json
            for (name, value) in [("Org", shown), ("Key", keys["data"]?[0]), ("AuditEvent", trail["data"]?[0])] {
                let properties = schemas?[name]?["properties"]?.mapping
                let documented: [String]? = properties.map { Array($0.keys.compactMap(\.string)) }
                #expect(value?.object?.names == documented, "\(name)")
            }
        }
    }

    @Test func thePageShowsEveryOperationWithoutScriptOrNetwork() async throws {
        try await Gateway.run { gateway in
            let page = try await gateway.call(.GET, "/docs")
            #expect(page.status == 200)
            #expect(page.headers.first(name: "content-type") == "text/html; charset=utf-8")
            for operation in try await Self.operations(gateway) {
                let summary = try #require(operation.node["summary"]?.string)
                #expect(
                    page.body.contains("<code>\(operation.path)</code> <span>\(summary)</span>"),
                    "\(operation.path)"
                )
            }
            #expect(page.body.contains("<code>NewMessage</code>"))
            #expect(!page.body.contains("PARAMETERS"))
            #expect(!page.body.contains("<script") && !page.body.contains("src=") && !page.body.contains("<!-- "))
        }
    }

    private static func document(_ gateway: Gateway) async throws -> Node {
        let answer = try await gateway.call(.GET, "/openapi.yaml")
        #expect(answer.status == 200)
        #expect(answer.headers.first(name: "content-type") == "application/yaml; charset=utf-8")
        return try #require(try Yams.compose(yaml: answer.body))
    }

    private static func operations(
        _ gateway: Gateway
    ) async throws -> [(method: String, path: String, node: Node)] {
        let paths = try #require(try await Self.document(gateway)["paths"]?.mapping)
        return paths.flatMap { path, item in
            (item.mapping ?? [:]).compactMap { method, node in
                guard let method = method.string, Self.methods.contains(method) else { return nil }
                return (method.uppercased(), path.string ?? "", node)
            }
        }
    }

    private static func references(in node: Node) -> [String] {
        if let mapping = node.mapping {
            return mapping.flatMap { key, value in
                key.string == "$ref" ? [value.string ?? ""] : Self.references(in: value)
            }
        }
        return node.sequence?.flatMap(Self.references) ?? []
    }
}
