import Foundation
package import Shared
import Yams

/// Our `openapi.yaml`, as tests ask it.
package struct APIDocument: Sendable {
    package struct Operation: Sendable {
        /// In capitals.
        package let method: String
        /// As `/api/v1/messages/{id}`.
        package let path: String
        package let node: JSONValue
        /// Its own and those of its path.
        package let parameters: [JSONValue]

        package var name: String { "\(self.method) \(self.path)" }
        /// What its `{id}` names, as paths call it: `messages`; without one, what it is about.
        package var resource: String {
            let parts = self.path.split(separator: "/").dropFirst(2)
            let place = parts.firstIndex(of: "{id}").map { $0 - 1 } ?? parts.startIndex
            return parts.indices.contains(place) ? String(parts[place]) : ""
        }
        /// Whether it needs a key.
        package var isAPI: Bool { self.path.hasPrefix("/api/v1") }

        /// Its parameters in `place`: `query`, `path`, `header`.
        package func parameters(in place: String) -> [JSONValue] {
            self.parameters.filter { $0["in"]?.string == place }
        }
    }

    struct Malformed: Error {}

    package let root: JSONValue
    package let operations: [Operation]

    /// The one of this checkout; that it is the one that is served, the tests of the api-gateway show.
    package static let ours: Result<APIDocument, any Error> = Result {
        let checkout = (0..<4).reduce(URL(filePath: #filePath)) { url, _ in url.deletingLastPathComponent() }
        let path = "Services/api-gateway/APIGateway/OpenAPI/openapi.yaml"
        return try APIDocument(yaml: String(contentsOf: checkout.appending(path: path), encoding: .utf8))
    }

    package init(yaml: String) throws {
        guard let node = try Yams.compose(yaml: yaml) else { throw Malformed() }
        let root = JSONValue(node)
        let lookUp = JSONSchema(in: root, isClosed: false)
        self.root = root
        self.operations = (root["paths"]?.object?.members ?? []).flatMap { path in
            let shared = path.value["parameters"]?.array ?? []
            return ["get", "put", "post", "delete", "patch"].compactMap { method in
                path.value[method].map { node in
                    Operation(
                        method: method.uppercased(),
                        path: path.name,
                        node: node,
                        parameters: (shared + (node["parameters"]?.array ?? [])).map { lookUp.resolved($0) }
                    )
                }
            }
        }
    }

    /// The operation of a request; nil where the document has none.
    package func operation(_ method: String, _ target: String) -> Operation? {
        let path = target.prefix { $0 != "?" }.split(separator: "/", omittingEmptySubsequences: false)
        let fitting = self.operations.filter { operation in
            let parts = operation.path.split(separator: "/", omittingEmptySubsequences: false)
            return operation.method == method && parts.count == path.count
                && zip(parts, path).allSatisfy { $0 == $1 || $0.hasPrefix("{") }
        }
        // `/messages/batch` goes before `/messages/{id}`.
        return fitting.min { $0.path.count { $0 == "{" } < $1.path.count { $0 == "{" } }
    }

    /// The schema of an operation's JSON body; nil where it takes none.
    package func bodySchema(of operation: Operation) -> JSONValue? {
        guard let body = operation.node["requestBody"] else { return nil }
        return self.resolved(body)["content"]?["application/json"]?["schema"]
    }

    /// The examples of an operation's body.
    package func bodyExamples(of operation: Operation) -> [JSONValue] {
        guard let body = operation.node["requestBody"] else { return [] }
        let media = self.resolved(body)["content"]?["application/json"]
        let several = media?["examples"]?.object?.members.compactMap { $0.value["value"] } ?? []
        return (media?["example"].map { [$0] } ?? []) + several
    }

    package func resolved(_ node: JSONValue) -> JSONValue { JSONSchema(in: self.root, isClosed: false).resolved(node) }
}

extension JSONValue {
    /// What YAML means by a node; a time without quotes is a text.
    init(_ node: Node) {
        switch node {
        case .mapping(let mapping):
            self = .object(members: mapping.map { ($0.key.string ?? "", JSONValue($0.value)) })
        case .sequence(let sequence):
            self = .array(sequence.map(JSONValue.init))
        case .scalar(let scalar):
            let tag = node.tag.rawValue
            switch tag {
            case Tag.Name.null.rawValue: self = .null
            case Tag.Name.bool.rawValue: self = .bool(node.bool ?? false)
            case Tag.Name.int.rawValue, Tag.Name.float.rawValue:
                self = JSONNumber(scalar.string).map(JSONValue.number) ?? .string(scalar.string)
            default: self = .string(scalar.string)
            }
        case .alias:
            self = .null
        }
    }
}
