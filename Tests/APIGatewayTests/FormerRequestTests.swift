import APIGateway
import HTTPService
import HTTPTypes
import NIOHTTP1
import Shared
import TestSupport
import Testing

/// What is wrong with requests of former systems, in their own words, and what becomes of them inside.
@Suite(.database(migrations: GatewayMigrations.all, role: "gateway"), .timeLimit(.minutes(5)))
struct FormerRequestTests {
    private static let message =
        #"{"conversation_id":42,"direction":"outbound","body":"Hi","channel":"sms","metadata":{"recipient":"+1","x":1}}"#

    @Test func aMessageBecomesOneOfOurs() async throws {
        try await Gateway.run { gateway in
            let (_, key) = try await gateway.tenant()
            gateway.messaging.answer { _ in
                StubService.json(.accepted, #"{"id":"m","conversation_id":"c"}"#, [.location: "/api/v1/messages/m"])
            }
            let answer = try await gateway.call(
                .POST,
                "/api/messages",
                key: key.secret,
                [("Idempotency-Key", "k")],
                body: Self.message
            )
            #expect(answer.status == 201)
            #expect(answer.body == #"{"id":"m","conversation_id":"42"}"#)
            #expect(answer.headers.first(name: "location") == "/api/v1/messages/m")
            #expect(answer.headers.first(name: "ratelimit") != nil)
            let call = try #require(gateway.messaging.calls.first)
            #expect(call.target == "/internal/messages" && call.header("idempotency-key") == "k")
            let body = #"{"channel":"sms","body":"Hi","to":"+1","reference":"42","metadata":{"x":1}}"#
            #expect(call.body == body)
        }
    }

    private static let wrong = [
        ("/api/messages", "{}", "/conversation_id"),
        ("/api/messages", #"{"conversation_id":true}"#, "/conversation_id"),
        (
            "/api/messages",
            #"{"conversation_id":1,"direction":"up","body":"x","channel":"sms","metadata":{"recipient":"a"}}"#,
            "/direction"
        ),
        ("/api/messages", #"{"conversation_id":1,"body":"x","channel":"sms"}"#, "/metadata/recipient"),
        (
            "/api/messages", #"{"conversation_id":1,"direction":"inbound","body":"x","channel":"sms"}"#,
            "/conversation_id"
        ),
        (
            "/api/messages", #"{"conversation_id":1,"body":"x","channel":"sms","metadata":{"recipient":7}}"#,
            "/metadata/recipient"
        ),
        ("/api/messages", #"{"type":"fax","subject":"a","body":"b"}"#, "/type"),
        ("/api/messages", #"{"type":"sms","body":"b"}"#, "/subject"),
        ("/api/messages", #"{"type":"sms","subject":"a","body":"b","to":"x"}"#, "/to"),
        ("/api/messages/send", "{}", "/message_id"),
        ("/api/messages/send", #"{"message_id":"01990c5e-7b1a-7000-8000-0242ac120002"}"#, "/user_ids"),
        (
            "/api/messages/send", #"{"message_id":"01990c5e-7b1a-7000-8000-0242ac120002","guest_ids":[true]}"#,
            "/guest_ids/0"
        ),
        ("/api/v1/outbound/messages", "{}", "/dossierId"),
        (
            "/api/v1/outbound/messages", #"{"dossierId":1,"channel":"whatsapp","to":"a","templateCode":"t"}"#,
            "/channel"
        ),
        (
            "/api/v1/outbound/messages",
            #"{"dossierId":1,"channel":"WHATSAPP","to":"a","templateCode":"t","payloadJson":{"x":1}}"#, "/payloadJson/x"
        ),
    ]

    @Test func whatIsWrongIsNamedInTheCallersWords() async throws {
        try await Gateway.run { gateway in
            let (_, key) = try await gateway.tenant()
            for (path, body, pointer) in Self.wrong {
                let answer = try await gateway.call(.POST, path, key: key.secret, body: body)
                #expect(answer.status == 422, "\(answer.body)")
                let pointers = try answer.json["violations"]?.array?.compactMap { $0["pointer"]?.string } ?? []
                #expect(pointers.contains(pointer), "\(body): \(pointers)")
            }
            #expect(gateway.messaging.calls.isEmpty)
        }
    }

    /// What only the service finds out is told by the caller's own names.
    @Test func aServicesViolationsHaveTheCallersNames() async throws {
        try await Gateway.run { gateway in
            let (_, key) = try await gateway.tenant()
            gateway.messaging.answer { call in
                Problem.invalidRequest([
                    .init(pointer: "/to", detail: "must be a number"), .init(pointer: "/x", detail: "y"),
                ])
                .response(requestID: call.header("x-request-id") ?? "")
            }
            let answer = try await gateway.call(.POST, "/api/messages", key: key.secret, body: Self.message)
            #expect(answer.status == 422)
            #expect(
                try answer.json["violations"]?.array?.map { $0["pointer"]?.string } == ["/metadata/recipient", "/x"]
            )
            #expect(try answer.json["detail"] == "/metadata/recipient must be a number.")
        }
    }

    private static let routes: [(HTTPMethod, String)] = [
        (.POST, "/api/messages"), (.POST, "/api/messages/send"), (.GET, "/api/v1/outbound/messages?dossierId=1"),
        (.POST, "/api/v1/outbound/messages"),
    ]

    @Test func theyNeedAKeyAndItsScopes() async throws {
        try await Gateway.run { gateway in
            let org = try await gateway.org()
            let key = try await gateway.key(of: org, scopes: ["customers:read"])
            for (method, path) in Self.routes {
                let body = method == .POST ? "{}" : nil
                #expect(try await gateway.call(method, path, body: body).status == 401, "\(path)")
                #expect(try await gateway.call(method, path, key: key.secret, body: body).code == "missing-scope")
                #expect(try await gateway.operate(method, path, body: body).code == "org-id-required")
            }
        }
    }

    @Test func aBadQueryIsNamed() async throws {
        try await Gateway.run { gateway in
            let (_, key) = try await gateway.tenant()
            let one = "dossierId=1"
            for query in ["", "?dossierId=", "?\(one)&size=201", "?\(one)&page=-1", "?\(one)&x=1"] {
                let target = "/api/v1/outbound/messages/paginated\(query)"
                let answer = try await gateway.call(.GET, target, key: key.secret)
                #expect(answer.status == 400 && answer.code == "invalid-query", "\(query)")
            }
        }
    }

    @Test func aDossiersNameIsNoPartOfTheQuery() async throws {
        try await Gateway.run { gateway in
            let (_, key) = try await gateway.tenant()
            gateway.messaging.answer { _ in StubService.json(.ok, #"{"data":[],"next_cursor":null}"#) }
            let target = "/api/v1/outbound/messages?dossierId=a%26status%3Dfailed%20%C3%BC"
            #expect(try await gateway.call(.GET, target, key: key.secret).body == "[]")
            let call = try #require(gateway.messaging.calls.first)
            #expect(call.query["reference"] == "a%26status%3Dfailed%20%C3%BC")
            #expect(call.query["status"] == nil)
        }
    }
}
