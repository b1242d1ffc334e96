import NIOHTTP1
import Shared
import TestSupport

/// A place for a text in what organizations send, and where it is shown again.
struct HostilePlace: Sendable {
    let name: String
    let method: HTTPMethod
    let path: String
    /// Where the text stands in the body, and in the answer.
    let pointer: String
    /// Whether the text may have several lines.
    var isLong = false
    let body: @Sendable (_ text: String, _ number: Int) -> JSONValue
    /// Nil where the answer shows it at the same place.
    var shown: String?

    static let all: [HostilePlace] = [
        HostilePlace(name: "a customer's name", method: .POST, path: "/customers", pointer: "/name") {
            ["name": .string($0), "identities": [["kind": "external", "value": "name-\($1)"]]]
        },
        HostilePlace(
            name: "a customer's field",
            method: .POST,
            path: "/customers",
            pointer: "/fields/note",
            isLong: true
        ) {
            ["fields": ["note": .string($0)], "identities": [["kind": "external", "value": "field-\($1)"]]]
        },
        HostilePlace(name: "an identity", method: .POST, path: "/customers", pointer: "/identities/0/value") {
            ["identities": [["kind": "external", "value": .string($0)]], "name": "\($1)"]
        },
        HostilePlace(name: "a group", method: .POST, path: "/groups", pointer: "/name") { text, _ in
            ["name": .string(text)]
        },
        HostilePlace(name: "a reason", method: .POST, path: "/suppressions", pointer: "/reason") {
            ["address": .string("+1415555\(1000 + $1)"), "channel": "sms", "reason": .string($0)]
        },
        HostilePlace(name: "a message", method: .POST, path: "/messages", pointer: "/body", isLong: true) { text, _ in
            ["to": "+15550000003", "channel": "sandbox", "body": .string(text)]
        },
        HostilePlace(name: "metadata", method: .POST, path: "/messages", pointer: "/metadata/x", isLong: true) {
            text,
            _ in
            ["to": "+15550000003", "channel": "sandbox", "body": "x", "metadata": ["x": .string(text)]]
        },
        HostilePlace(name: "a reference", method: .POST, path: "/messages", pointer: "/reference") { text, _ in
            ["to": "+15550000003", "channel": "sandbox", "body": "x", "reference": .string(text)]
        },
        HostilePlace(
            name: "a template's value",
            method: .POST,
            path: "/messages?dry_run=true",
            pointer: "/template/parameters/x",
            isLong: true,
            body: { text, _ in
                [
                    "to": "+15550000003", "channel": "sandbox",
                    "template": ["code": "hostile", "parameters": ["x": .string(text)]],
                ]
            },
            shown: "/rendered/body"
        ),
        HostilePlace(name: "a broadcast", method: .POST, path: "/broadcasts", pointer: "/name") { text, _ in
            ["name": .string(text), "channel": "sandbox", "body": "x", "recipients": [["to": "+15550000003"]]]
        },
        HostilePlace(name: "a key", method: .POST, path: "/keys", pointer: "/name") { text, _ in
            ["name": .string(text), "scopes": ["messages:read"]]
        },
        HostilePlace(name: "an account", method: .POST, path: "/channel-accounts", pointer: "/name") { text, _ in
            ["name": .string(text), "channel": "sandbox", "provider": "sandbox"]
        },
        HostilePlace(name: "an organization", method: .PATCH, path: "/org", pointer: "/name") { text, _ in
            ["name": .string(text)]
        },
        HostilePlace(name: "a setting", method: .PATCH, path: "/org", pointer: "/settings/note", isLong: true) {
            text,
            _ in
            ["settings": ["note": .string(text)]]
        },
    ]
}

extension JSONValue {
    /// What stands at a JSON pointer without escapes.
    func at(_ pointer: String) -> JSONValue? {
        pointer.split(separator: "/").reduce(self) { (value: JSONValue?, name) in
            Int(name).map { value?[$0] } ?? value?[String(name)]
        }
    }
}
