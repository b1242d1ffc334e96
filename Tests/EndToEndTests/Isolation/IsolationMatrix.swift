import Foundation
import Shared
import TestSupport

/// Every place in which a request can name something: of each operation its path, queries and body, read from the document.
struct IsolationMatrix: Sendable {
    /// One place of one operation.
    struct Probe: Sendable {
        enum Place: Sendable, Hashable {
            case path
            case query(String)
            case cursor
            /// A JSON Pointer, with 0 for any element.
            case body(String)
        }

        let operation: APIDocument.Operation
        let place: Place

        /// As the table below names it: `POST /api/v1/messages /customer_id`.
        var name: String {
            switch self.place {
            case .path: "\(self.operation.name) path"
            case .query(let name): "\(self.operation.name) ?\(name)"
            case .cursor: "\(self.operation.name) ?cursor"
            case .body(let pointer): "\(self.operation.name) \(pointer)"
            }
        }

        /// What the place names, as resources are called in paths.
        var kind: String {
            switch self.place {
            case .path, .cursor: self.operation.resource
            case .query(let name): IsolationMatrix.kind(of: name)
            case .body(let pointer): IsolationMatrix.kind(of: pointer)
            }
        }
    }

    let probes: [Probe]

    init(_ document: APIDocument) {
        self.probes = document.operations.filter(\.isAPI).flatMap { operation in
            let queries = operation.parameters(in: "query").filter { Self.hasID($0["schema"] ?? .null, document) }
            let pointers = document.bodySchema(of: operation).map { Self.pointers(in: $0, at: "", document) } ?? []
            let takesCursor = operation.parameters(in: "query").contains { $0["name"] == "cursor" }
            let places: [Probe.Place] =
                (operation.path.contains("{id}") ? [.path] : [])
                + queries.compactMap { $0["name"]?.string }.map(Probe.Place.query) + (takesCursor ? [.cursor] : [])
                + pointers.map(Probe.Place.body)
            return places.map { Probe(operation: operation, place: $0) }
        }
    }

    /// The kind that a field's name stands for.
    private static func kind(of name: String) -> String {
        let field = name.split(separator: "/").last { $0 != "0" }.map(String.init) ?? ""
        return switch field {
        case "customer_id", "customer_ids", "from": "customers"
        case "conversation_id", "conversation_ids": "conversations"
        case "account_id": "channel-accounts"
        case "broadcast_id": "broadcasts"
        case "group_ids": "groups"
        case "after": "webhook-events"
        case "org_id": "orgs"
        case "id": "erasures"
        default: "messages"
        }
    }

    private static func hasID(_ schema: JSONValue, _ document: APIDocument) -> Bool {
        !self.pointers(in: schema, at: "", document).isEmpty
    }

    /// Where a value of this schema may have an id of ours.
    private static func pointers(in schema: JSONValue, at place: String, _ document: APIDocument) -> [String] {
        if schema["$ref"]?.string == "#/components/schemas/Id" { return [place] }
        let schema = document.resolved(schema)
        let parts = ["allOf", "oneOf", "anyOf"].flatMap { schema[$0]?.array ?? [] }
        return parts.flatMap { self.pointers(in: $0, at: place, document) }
            + (schema["items"].map { self.pointers(in: $0, at: "\(place)/0", document) } ?? [])
            + (schema["properties"]?.object?.members ?? []).flatMap {
                self.pointers(in: $0.value, at: "\(place)/\($0.name)", document)
            }
    }
}

extension IsolationMatrix {
    /// A body for each place of an id in one, with `ID` there, and what is answered whether the id is another's or nobody's.
    static let bodies: [String: (body: JSONValue, status: Int)] = [
        "POST /api/v1/messages /customer_id": (["customer_id": "ID", "channel": "sms", "body": "x"], 404),
        "POST /api/v1/messages /conversation_id": (["conversation_id": "ID", "body": "x"], 404),
        "POST /api/v1/messages /account_id": (
            ["to": "+14155550101", "channel": "sms", "account_id": "ID", "body": "x"], 422
        ),
        "POST /api/v1/messages/batch /messages/0/customer_id": (
            ["messages": [["customer_id": "ID", "channel": "sms", "body": "x"]]], 207
        ),
        "POST /api/v1/messages/batch /messages/0/conversation_id": (
            ["messages": [["conversation_id": "ID", "body": "x"]]], 207
        ),
        "POST /api/v1/messages/batch /messages/0/account_id": (
            ["messages": [["to": "+14155550101", "channel": "sms", "account_id": "ID", "body": "x"]]], 207
        ),
        "POST /api/v1/messages/bulk /ids/0": (["action": "cancel", "ids": ["ID"]], 200),
        "POST /api/v1/messages/bulk /filter/conversation_id": (
            ["action": "delete", "filter": ["conversation_id": "ID"]], 422
        ),
        "POST /api/v1/messages/bulk /filter/customer_id": (["action": "delete", "filter": ["customer_id": "ID"]], 422),
        "POST /api/v1/messages/bulk /filter/account_id": (["action": "delete", "filter": ["account_id": "ID"]], 422),
        "POST /api/v1/messages/bulk /filter/broadcast_id": (
            ["action": "delete", "filter": ["broadcast_id": "ID"]], 422
        ),
        "POST /api/v1/conversations/{id}/messages /customer_id": (["customer_id": "ID", "body": "x"], 422),
        "POST /api/v1/conversations/{id}/messages /conversation_id": (["conversation_id": "ID", "body": "x"], 422),
        "POST /api/v1/conversations/{id}/messages /account_id": (["account_id": "ID", "body": "x"], 422),
        "POST /api/v1/failed/flush /filter/conversation_id": (
            ["confirm": true, "filter": ["conversation_id": "ID"]], 422
        ),
        "POST /api/v1/failed/flush /filter/customer_id": (["confirm": true, "filter": ["customer_id": "ID"]], 422),
        "POST /api/v1/failed/flush /filter/account_id": (["confirm": true, "filter": ["account_id": "ID"]], 422),
        "POST /api/v1/failed/flush /filter/broadcast_id": (["confirm": true, "filter": ["broadcast_id": "ID"]], 422),
        "POST /api/v1/broadcasts /account_id": (
            ["name": "x", "channel": "sms", "body": "x", "account_id": "ID", "recipients": [["to": "+14155550101"]]],
            422
        ),
        "POST /api/v1/broadcasts /recipients/0/customer_id": (
            ["name": "x", "channel": "sms", "body": "x", "recipients": [["customer_id": "ID"]]], 202
        ),
        "POST /api/v1/broadcasts /group_ids/0": (
            ["name": "x", "channel": "sms", "body": "x", "group_ids": ["ID"]], 422
        ),
        "POST /api/v1/templates/preview /customer_id": (
            ["template": ["code": "x", "channel": "sms", "body": "{{name}}"], "customer_id": "ID"], 422
        ),
        "POST /api/v1/templates/{id}/preview /customer_id": (["customer_id": "ID", "parameters": ["offer": "x"]], 422),
        "POST /api/v1/customers/{id}/merge /from": (["from": "ID"], 422),
        "POST /api/v1/groups/{id}/members /customer_ids/0": (["customer_ids": ["ID"]], 422),
        "POST /api/v1/webhook-events/replay /filter/account_id": (["filter": ["account_id": "ID"]], 202),
        "POST /api/v1/webhook-events/replay /after": (["filter": ["state": "failed"], "after": "ID"], 202),
        "POST /api/v1/orgs/{id}/erasures/reapply /erasures/0/id": (["erasures": [["id": "ID"]]], 404),
        "POST /api/v1/orgs/{id}/erasures/reapply /erasures/0/org_id": (["erasures": [["org_id": "ID"]]], 404),
        "POST /api/v1/orgs/{id}/erasures/reapply /erasures/0/customer_id": (["erasures": [["customer_id": "ID"]]], 404),
        "POST /api/v1/orgs/{id}/erasures/reapply /erasures/0/customer_ids/0": (
            ["erasures": [["customer_ids": ["ID"]]]], 404
        ),
        "POST /api/v1/orgs/{id}/erasures/reapply /erasures/0/conversation_ids/0": (
            ["erasures": [["conversation_ids": ["ID"]]]], 404
        ),
    ]
}
