import AsyncHTTPClient
import Foundation
import HTTPService
import InternalAPI
import NIOCore
import NIOHTTP1
import Shared
import TestSupport
import Testing

/// Creates that travel together are what they would be alone.
@Suite struct GatheredCreateTests {
    private static let good = #"{"to":"+15550000001","channel":"sandbox","body":"hi"}"#

    @Test(.timeLimit(.minutes(5))) func eachIsAnsweredAsByItself() async throws {
        try await withPlatform(worker: false) { platform in
            let tenant = try await platform.newTenant()
            let orgID = try #require(OrgID(try await tenant.get("/api/v1/org").id))
            let bodies: [(body: String, key: String?, status: Int, code: String)] = [
                (Self.good, nil, 202, ""), (Self.good, "k", 202, ""), (Self.good, "k", 202, ""),
                (#"{"to":"#, nil, 400, "malformed-json"), ("", nil, 400, "malformed-json"),
                (#"{"to":"+15550000001","channel":"sandbox"}"#, nil, 422, "invalid-request"),
                (#"{"to":"+15550000001","channel":"fax","body":"x"}"#, nil, 422, "invalid-request"),
                (Self.good, "a\u{7}", 400, "idempotency-key-invalid"),
                (#"{"customer_id":"\#(CustomerID.new())","channel":"sandbox","body":"x"}"#, nil, 404, "not-found"),
            ]
            let tokens = try await ServiceTokens(secret: Platform.serviceTokenSecret)
            let api = MessagingAPI(
                client: InternalClient(.messagingService, client: .ofTest, baseURL: platform.messagingURL) {
                    try await tokens.issue(as: .apiGateway)
                }
            )
            let acting = Acting(orgID: orgID, actor: "key:1", mode: .live)
            let create = { (body: String, key: String?, number: Int) in
                GatheredCreate(
                    acting: acting,
                    trace: RequestTrace(requestID: "r\(number)", traceParent: nil),
                    idempotencyKey: key,
                    body: ByteBuffer(string: body)
                )
            }
            let answers = try await api.create(
                bodies.enumerated().map { create($1.body, $1.key, $0) },
                deadline: .seconds(60)
            )
            #expect(answers.map(\.status) == bodies.map(\.status))
            #expect(answers.map { $0.problem?.code ?? "" } == bodies.map(\.code))
            #expect(answers[1].body == answers[2].body && answers[0].body != answers[1].body)
            #expect([answers[1], answers[2]].count { $0.headers.first(name: "idempotency-replayed") == "true" } == 1)
            for (number, answer) in answers.enumerated() where answer.status != 202 {
                #expect(
                    try JSONValue(parsing: Array(answer.body.readableBytesView))["request_id"]?.string == "r\(number)"
                )
            }
            // Of those that travel together either may come first.
            let later = try await api.create(
                [create(Self.good.replacing("hi", with: "ho"), "k", 20)],
                deadline: .seconds(60)
            )
            #expect(later.map(\.status) == [422])
            #expect(later.first?.problem?.code == "idempotency-key-reused")
            #expect(try await tenant.get("/api/v1/messages").json["data"]?.array?.count == 2)
        }
    }

    /// Of messages with files few are written at a time: who would be too many is told to come again.
    @Test(.timeLimit(.minutes(5))) func tooManyWithFilesAreToldToComeAgain() async throws {
        try await withPlatform(worker: false) { platform in
            let tenant = try await platform.newTenant()
            let orgID = try #require(OrgID(try await tenant.get("/api/v1/org").id))
            let tokens = try await ServiceTokens(secret: Platform.serviceTokenSecret)
            let api = MessagingAPI(
                client: InternalClient(.messagingService, client: .ofTest, baseURL: platform.messagingURL) {
                    try await tokens.issue(as: .apiGateway)
                }
            )
            let file = #"{"filename":"a","content_type":"a/b","content":"AAAA"}"#
            let create = { (files: String) in
                GatheredCreate(
                    acting: Acting(orgID: orgID, actor: "key:1", mode: .test),
                    trace: RequestTrace(requestID: "r", traceParent: nil),
                    idempotencyKey: nil,
                    body: ByteBuffer(
                        string: #"{"to":"a@example.org","channel":"email","subject":"s","body":"hi"\#(files)}"#
                    )
                )
            }
            let answers = try await api.create(
                (0..<GatheredCreate.most).map { create($0 == 0 ? "" : #","attachments":[\#(file)]"#) },
                deadline: .seconds(60)
            )
            #expect(Set(answers.map(\.status)) == [202, 503], "\(answers.map { String(buffer: $0.body) })")
            #expect(answers.first?.status == 202)
            for answer in answers where answer.status == 503 {
                #expect(answer.problem?.code == "unavailable")
                #expect(answer.headers.first(name: "retry-after") == "1")
            }
        }
    }

    /// What is no such call is refused, and so is who is none of our services.
    @Test(.timeLimit(.minutes(5))) func nothingElseIsTaken() async throws {
        try await withPlatform(worker: false) { platform in
            let tokens = try await ServiceTokens(secret: Platform.serviceTokenSecret)
            let token = try await tokens.issue(as: .apiGateway)
            for (body, token, status) in [
                ("nonsense", token, 400), (String(repeating: "x", count: GatheredCreate.mostBytes + 1), token, 413),
                ("", token, 200), ("", "other", 401),
            ] {
                var request = HTTPClientRequest(url: platform.messagingURL + "/internal/messages/gathered")
                request.method = .POST
                request.headers = ["authorization": "Bearer \(token)"]
                request.body = .bytes(ByteBuffer(string: body))
                let answer = try await HTTPClient.ofTest.execute(request, timeout: .seconds(120))
                #expect(Int(answer.status.code) == status, "\(body.prefix(9))")
            }
        }
    }

    /// Of two organizations at once, more than go alone: every one has its own answer, and every key one message.
    @Test(.timeLimit(.minutes(5))) func manyAtOnceAreToldApart() async throws {
        try await withPlatform(worker: false) { platform in
            let tenants = [try await platform.newTenant(), try await platform.newTenant()]
            let answers = try await withThrowingTaskGroup(of: (Int, API.Answer).self) { tasks in
                for number in 0..<40 {
                    tasks.addTask {
                        let body: JSONValue = [
                            "to": .string("+1555\(1_000_000 + number / 4)"), "channel": "sandbox",
                            "body": .string("\(number / 4)"),
                        ]
                        let headers: HTTPHeaders = ["idempotency-key": "k\(number / 4)"]
                        return (number, try await tenants[number % 2].post("/api/v1/messages", body, headers))
                    }
                }
                return try await tasks.reduce(into: [Int: API.Answer]()) { $0[$1.0] = $1.1 }
            }
            #expect(answers.values.allSatisfy { $0.status == 202 })
            #expect(answers.allSatisfy { $0.value.json["body"]?.string == "\($0.key / 4)" })
            #expect(Set(answers.values.map(\.id)).count == 20)
            for (place, tenant) in tenants.enumerated() {
                let own = Set(answers.filter { $0.key % 2 == place }.values.map(\.id))
                let stored = try await tenant.get("/api/v1/messages?limit=200").json["data"]?.array ?? []
                #expect(Set(stored.compactMap { $0["id"]?.string }) == own)
            }
        }
    }
}
