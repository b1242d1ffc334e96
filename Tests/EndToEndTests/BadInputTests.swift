import Foundation
import NIOHTTP1
import Shared
import TestSupport
import Testing

/// What clients get wrong: a clear answer that says what to change, and never a 500.
@Suite struct BadInputTests {
    private static let deep = #"{"a":"# + String(repeating: "[", count: 40) + String(repeating: "]", count: 40) + "}"

    private static let bodies: [(name: String, bytes: [UInt8], status: Int, code: String)] = [
        ("no JSON", Array("hello".utf8), 400, "malformed-json"),
        ("empty", [], 400, "malformed-json"),
        ("cut off", Array(#"{"to": "+1415"#.utf8), 400, "malformed-json"),
        ("trailing comma", Array(#"{"to": "+14155550100",}"#.utf8), 400, "malformed-json"),
        ("a name twice", Array(#"{"to": "a", "to": "b"}"#.utf8), 400, "malformed-json"),
        ("a name twice by escapes", Array(#"{"to": "a", "\u0074o": "b"}"#.utf8), 400, "malformed-json"),
        ("NUL", Array(#"{"to": "a\u0000b"}"#.utf8), 400, "malformed-json"),
        ("a lone surrogate", Array(#"{"to": "\ud800"}"#.utf8), 400, "malformed-json"),
        ("invalid UTF-8", Array(#"{"to": ""#.utf8) + [0xFF, 0xFE] + Array(#""}"#.utf8), 400, "malformed-json"),
        ("too deep", Array(Self.deep.utf8), 400, "malformed-json"),
        ("a huge number", Array(#"{"metadata": {"a": 1e400}}"#.utf8), 400, "malformed-json"),
        ("an array", Array("[]".utf8), 422, "invalid-request"),
        ("wrong types", Array(#"{"to": 5, "channel": [], "body": {}}"#.utf8), 422, "invalid-request"),
        (
            "an unknown field", Array(#"{"to": "+14155550100", "channel": "sandbox", "body": "x", "epoch": 1}"#.utf8),
            422, "invalid-request"
        ),
        (
            "an unknown channel", Array(#"{"to": "+14155550100", "channel": "fax", "body": "x"}"#.utf8), 422,
            "invalid-request"
        ),
        ("no account", Array(#"{"to": "+14155550100", "channel": "sms", "body": "x"}"#.utf8), 422, "invalid-request"),
        ("no address", Array(#"{"to": "Bob", "channel": "sandbox", "body": "x"}"#.utf8), 422, "invalid-request"),
        (
            "too large", Array(#"{"body": ""#.utf8) + Array(repeating: 0x78, count: 256 * 1024) + Array(#""}"#.utf8),
            413, "body-too-large"
        ),
    ]

    @Test(.timeLimit(.minutes(5))) func everyBadBodyIsNamedAndStoresNothing() async throws {
        try await withPlatform(worker: false) { platform in
            let tenant = try await platform.newTenant()
            for body in Self.bodies {
                let answer = try await tenant.send(.POST, "/api/v1/messages", body.bytes, [:])
                #expect(answer.status == body.status, "\(body.name): \(answer.text)")
                #expect(answer.json["code"]?.string == body.code, "\(body.name)")
                #expect(answer.headers.first(name: "content-type") == "application/problem+json")
                #expect(answer.json["request_id"]?.string == answer.headers.first(name: "x-request-id"))
                if body.status == 422 { #expect(answer.json["violations"]?.array?.isEmpty == false, "\(body.name)") }
            }
            #expect(try await tenant.get("/api/v1/messages").json["data"]?.array?.isEmpty == true)
        }
    }

    @Test(.timeLimit(.minutes(5))) func aBadKeyIsAnsweredTheSameWhateverIsWrongWithIt() async throws {
        try await withPlatform(worker: false) { platform in
            let tenant = try await platform.newTenant()
            let key = try #require(tenant.key)
            let keys: [String?] = [
                nil, "", "nonsense", String(key.dropLast()) + (key.hasSuffix("a") ? "b" : "a"), key + "x",
            ]
            var bodies: Set<String> = []
            for key in keys {
                let answer = try await tenant.with(key: key).get("/api/v1/messages")
                #expect(answer.status == 401)
                var object = answer.json.object ?? [:]
                object["request_id"] = nil
                bodies.insert(JSONValue.object(object).text)
            }
            #expect(bodies.count == 1)
        }
    }

    @Test(.timeLimit(.minutes(5))) func aKeyWithoutTheScopeIsToldWhichOne() async throws {
        try await withPlatform(worker: false) { platform in
            let tenant = try await platform.newTenant()
            let made = try await tenant.post("/api/v1/keys", ["name": "reader", "scopes": ["messages:read"]])
            let reader = tenant.with(key: made.json["secret"]?.string)
            #expect(try await reader.get("/api/v1/messages").status == 200)
            let refused = try await reader.post(
                "/api/v1/messages",
                ["to": "+15550000001", "channel": "sandbox", "body": "x"]
            )
            #expect(refused.status == 403)
            #expect(refused.text.contains("messages:write"))
        }
    }

    @Test(.timeLimit(.minutes(5))) func aBatchRefusesOnlyWhatIsWrongInIt() async throws {
        try await withPlatform(worker: false) { platform in
            let tenant = try await platform.newTenant()
            let good: JSONValue = ["to": "+15550000001", "channel": "sandbox", "body": "x"]
            let bad: JSONValue = ["to": "+15550000001", "channel": "sandbox"]
            let answer = try await tenant.post("/api/v1/messages/batch", ["messages": [good, bad, good]])
            #expect(answer.status == 207)
            let data = try #require(answer.json["data"]?.array)
            #expect(data.map { $0["status"]?.int } == [202, 422, 202])
            #expect(data[1]["error"]?["violations"]?[0]?["pointer"]?.string == "/messages/1/body")

            let many = JSONValue.array(Array(repeating: good, count: 1001))
            #expect(try await tenant.post("/api/v1/messages/batch", ["messages": many]).status == 422)

            // Found only after the reading of the body, and named all the same.
            let unknown: JSONValue = ["to": "+14155550100", "channel": "sms", "body": "x"]
            let late = try await tenant.post("/api/v1/messages/batch", ["messages": [good, unknown]])
            #expect(late.json["data"]?[1]?["error"]?["violations"]?[0]?["pointer"]?.string == "/messages/1/channel")
        }
    }

    @Test(.timeLimit(.minutes(5))) func aDryRunSaysWhatWouldHappenAndStoresNothing() async throws {
        try await withPlatform(worker: false) { platform in
            let tenant = try await platform.newTenant()
            let message: JSONValue = ["to": "+15550000001", "channel": "sandbox", "body": "x"]
            let answer = try await tenant.post("/api/v1/messages?dry_run=true", message)
            #expect(answer.status == 200, "\(answer.text)")
            #expect(answer.json["status"]?.string == "queued")
            #expect(answer.json["gates"]?[0]?["verdict"]?.string == "pass")
            #expect(answer.json["id"] == nil)
            #expect(try await tenant.get("/api/v1/messages").json["data"]?.array?.isEmpty == true)
        }
    }

    @Test(.timeLimit(.minutes(5))) func aRepeatedBatchIsAnsweredAsTheFirstTime() async throws {
        try await withPlatform(worker: false) { platform in
            let tenant = try await platform.newTenant()
            let message: JSONValue = ["to": "+15550000001", "channel": "sandbox", "body": "x"]
            let batch: JSONValue = ["messages": [message, message]]
            let first = try await tenant.post("/api/v1/messages/batch", batch, ["idempotency-key": "b"])
            let again = try await tenant.post("/api/v1/messages/batch", batch, ["idempotency-key": "b"])
            #expect(first.status == 207)
            #expect(again.bytes == first.bytes)
            #expect(try await tenant.get("/api/v1/messages").json["data"]?.array?.count == 2)
            let long = String(repeating: "k", count: 251)
            #expect(try await tenant.post("/api/v1/messages/batch", batch, ["idempotency-key": long]).status == 400)
        }
    }

    @Test(.timeLimit(.minutes(5))) func whatIsTooLargeAloneIsTooLargeInABatch() async throws {
        try await withPlatform(worker: false) { platform in
            let tenant = try await platform.newTenant()
            let large: JSONValue = [
                "to": "+15550000001", "channel": "sandbox", "body": .string(String(repeating: "é", count: 99_000)),
                "html": .string(String(repeating: "é", count: 99_000)),
            ]
            let answer = try await tenant.post("/api/v1/messages/batch", ["messages": [large]])
            #expect(answer.json["data"]?[0]?["status"]?.int == 413)
        }
    }
}
