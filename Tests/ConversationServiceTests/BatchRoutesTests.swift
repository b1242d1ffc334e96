import ConversationService
import InternalAPI
import NIOHTTP1
import Shared
import TestSupport
import Testing

@Suite(.database(migrations: ConversationMigrations.all, role: "conversations"), .timeLimit(.minutes(5)))
struct BatchRoutesTests {
    private static let org = "0190a0b0-0000-7000-8000-000000000001"
    private static let find = #"{"orgID":"\#(org)","id":"\#(org)"}"#

    @Test(arguments: [("resolve", ""), ("find", ["items": []]), ("receive", ["items": []])] as [(String, JSONValue)])
    func anEmptyCallHasAnEmptyAnswer(route: String, empty: JSONValue) async throws {
        try await RunningService.run { service in
            let answer = try await service.post(Self.body(route, []), to: route)
            #expect(answer.status == 200)
            #expect(answer.body == empty)
        }
    }

    @Test(arguments: ["resolve", "find", "receive"])
    func aThousandAndOneItemsAreTooMany(route: String) async throws {
        try await RunningService.run { service in
            let most = try await service.post(
                Self.body(route, Array(repeating: "+14155550100", count: 1000)),
                to: route
            )
            #expect(most.status == 200)
            let answer = try await service.post(
                Self.body(route, Array(repeating: "+14155550100", count: 1001)),
                to: route
            )
            #expect(answer.status == 422)
            #expect(answer.body["code"]?.string == "too-many-items")
        }
    }

    @Test(
        arguments: ["resolve", "find", "receive"],
        ["", "{", "[]", #"{"items":{}}"#, #"{"items":[{}]}"#, #"{"items":[{"orgID":"7","id":"7"}]}"#]
    )
    func whatIsNoRequestIsMalformed(route: String, body: String) async throws {
        try await RunningService.run { service in
            let answer = try await service.post(body, to: route)
            #expect(answer.status == 400)
            #expect(answer.body["code"]?.string == "malformed-json")
        }
    }

    @Test(arguments: [
        ("", 422), ("7", 200), (String(repeating: "7", count: 320), 200), (String(repeating: "7", count: 321), 422),
        ("a\u{0}b", 422),
    ])
    func anAddressHasOneTo320BytesAndNoNUL(address: String, status: Int) async throws {
        try await RunningService.run { service in
            let answer = try await service.post(Self.body("resolve", ["+14155550100", address]), to: "resolve")
            #expect(answer.status == status)
            if status == 422 { #expect(answer.body["violations"]?[0]?["pointer"]?.string == "/items/1/address") }
        }
    }

    @Test(arguments: [
        ("", 422), ("e", 200), (String(repeating: "e", count: 400), 200), (String(repeating: "e", count: 401), 422),
        (#"a\u0000b"#, 422),
    ])
    func anEventKeyHasOneTo400BytesAndNoNUL(key: String, status: Int) async throws {
        try await RunningService.run { service in
            let answer = try await service.post(Self.items([Self.receive("e1"), Self.receive(key)]), to: "receive")
            #expect(answer.status == status)
            if status == 422 { #expect(answer.body["violations"]?[0]?["pointer"]?.string == "/items/1/eventKey") }
        }
    }

    @Test func anAddressThatNoChannelHasIsRefused() async throws {
        try await RunningService.run { service in
            let answer = try await service.post(Self.items([Self.receive("e", address: "")]), to: "receive")
            #expect(answer.status == 422)
            #expect(answer.body["violations"]?[0]?["pointer"]?.string == "/items/0/address")
        }
    }

    @Test(arguments: ["resolve", "find", "receive"], [nil, "nonsense"])
    func withoutAServiceTokenNothingIsAnswered(route: String, token: String?) async throws {
        try await RunningService.run { service in
            let path = "/internal/conversations/\(route)"
            let answer = try await service.call(.POST, path, token: token, body: #"{"items":[]}"#)
            #expect(answer.status == 401)
        }
    }

    @Test(arguments: ["resolve", "find", "receive"])
    func whenTheDatabaseIsDownTheAnswerSaysWhenToComeAgain(route: String) async throws {
        // Nothing listens on port 1.
        try await RunningService.run(postgres: "host=127.0.0.1 port=1 dbname=conversations user=none") { service in
            let answer = try await service.post(Self.body(route, ["+14155550100"]), to: route)
            #expect(answer.status == 503)
            #expect(answer.headers.first(name: "retry-after") == "1")
            #expect(try await service.call(.GET, "/readyz", token: nil).status == 503)
            #expect(try await service.call(.GET, "/healthz", token: nil).status == 200)
        }
    }

    @Test func withItsDatabaseTheServiceIsReady() async throws {
        try await RunningService.run { service in
            let answer = try await service.call(.GET, "/readyz", token: nil)
            #expect(answer.status == 200)
        }
    }

    /// One item for each key: the address to resolve, or the event received.
    private static func body(_ route: String, _ keys: [String]) throws -> String {
        switch route {
        case "resolve": try self.resolve(keys)
        case "find": self.items(keys.map { _ in self.find })
        default: self.items(keys.map { self.receive($0) })
        }
    }

    private static func resolve(_ addresses: [String]) throws -> String {
        let items = try addresses.map { address in
            ConversationAPI.Resolve(
                orgID: try #require(OrgID(self.org)),
                customerID: try #require(CustomerID(self.org)),
                accountID: try #require(AccountID(self.org)),
                channel: .sms,
                address: Address(kind: .external, value: address)
            )
        }
        return String(decoding: try InternalJSON.encode(ConversationAPI.ResolveRequest(items: items)), as: UTF8.self)
    }

    private static func receive(_ key: String, address: String = "+14155550100") -> String {
        """
        {"orgID":"\(Self.org)","customerID":"\(Self.org)","accountID":"\(Self.org)","channel":"sms","eventKey":"\(key)",\
        "address":{"kind":"external","value":"\(address)"},"occurredAt":"2026-12-01T09:00:00Z"}
        """
    }

    private static func items(_ items: [String]) -> String { #"{"items":[\#(items.joined(separator: ","))]}"# }
}
