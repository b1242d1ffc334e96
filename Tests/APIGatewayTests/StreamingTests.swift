import APIGateway
import HTTPService
import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTP1
import Shared
import TestSupport
import Testing

/// Files pass through while they arrive.
@Suite(.database(migrations: GatewayMigrations.all, role: "gateway"), .timeLimit(.minutes(5)))
struct StreamingTests {
    private static var path: String { "/api/v1/messages/\(MessageID.new())/attachments/0" }

    @Test func aFileArrivesWithTheHeadersThatMakeItHarmless() async throws {
        try await Gateway.run { gateway in
            let (_, key) = try await gateway.tenant()
            let part = String(repeating: "0123456789abcdef", count: 4096)
            gateway.messaging.answer { _ in
                Response(
                    status: .ok,
                    headers: [
                        .contentType: "image/png", .contentDisposition: "attachment", .xContentTypeOptions: "nosniff",
                        .server: "secret",
                    ],
                    body: ResponseBody(contentLength: 50 * part.utf8.count) { writer in
                        for _ in 0..<50 { try await writer.write(ByteBuffer(string: part)) }
                        try await writer.finish(nil)
                    }
                )
            }
            let answer = try await gateway.call(.GET, Self.path, key: key.secret)
            #expect(answer.status == 200)
            #expect(answer.body == String(repeating: part, count: 50))
            #expect(answer.headers.first(name: "content-length") == "\(50 * part.utf8.count)")
            #expect(answer.headers.first(name: "content-type") == "image/png")
            #expect(answer.headers.first(name: "content-disposition") == "attachment")
            #expect(answer.headers.first(name: "x-content-type-options") == "nosniff")
            #expect(answer.headers.first(name: "server") == nil)
        }
    }

    @Test func aRefusalArrivesAsItself() async throws {
        try await Gateway.run { gateway in
            let (_, key) = try await gateway.tenant()
            gateway.messaging.answer { call in
                Problem(code: "attachment-gone", status: 410, title: "Gone.")
                    .response(requestID: call.header("x-request-id") ?? "")
            }
            let answer = try await gateway.call(.GET, Self.path, key: key.secret)
            #expect(answer.status == 410)
            #expect(answer.code == "attachment-gone")
        }
    }

    @Test func whatCameWithAMailIsAskedOfInboundGateway() async throws {
        try await Gateway.run { gateway in
            let (org, key) = try await gateway.tenant()
            let part = #"{"account_id":"x","event_key":"<m1@example.com>","name":"attachment1"}"#
            gateway.messaging.answer { _ in StubService.json(.temporaryRedirect, part) }
            gateway.inbox.answer { _ in
                Response(
                    status: .ok,
                    headers: [.contentType: "text/csv", .contentDisposition: "attachment"],
                    body: ResponseBody(byteBuffer: ByteBuffer(string: "a,b"))
                )
            }
            let answer = try await gateway.call(.GET, Self.path, key: key.secret)
            #expect(answer.status == 200)
            #expect(answer.body == "a,b")
            #expect(answer.headers.first(name: "content-type") == "text/csv")
            let call = try #require(gateway.inbox.calls.first)
            #expect(call.target == "/internal/webhook-parts")
            #expect(call.body == part)
            #expect(call.header("herald-org") == org)

            gateway.inbox.answer { call in
                Problem(code: "attachment-gone", status: 410, title: "Gone.")
                    .response(requestID: call.header("x-request-id") ?? "")
            }
            #expect(try await gateway.call(.GET, Self.path, key: key.secret).code == "attachment-gone")
            gateway.inbox.answer { _ in Response(status: .unauthorized) }
            #expect(try await gateway.call(.GET, Self.path, key: key.secret).status == 503)
        }
    }

    /// What breaks off must not look whole.
    @Test func aFileThatBreaksOffBreaksOffForItsReader() async throws {
        try await Gateway.run { gateway in
            let (_, key) = try await gateway.tenant()
            gateway.messaging.answer { _ in
                Response(
                    status: .ok,
                    body: ResponseBody(contentLength: 100) { writer in
                        try await writer.write(ByteBuffer(string: "only this"))
                        throw BrokenOff()
                    }
                )
            }
            await #expect(throws: (any Error).self) { try await gateway.call(.GET, Self.path, key: key.secret) }
        }
    }

    @Test func aFileThatDoesNotBeginIsGivenUp() async throws {
        var deadlines = ForwardDeadlines()
        deadlines.file = .milliseconds(100)
        try await Gateway.run(deadlines: deadlines) { gateway in
            let (_, key) = try await gateway.tenant()
            let (gate, release) = AsyncStream.makeStream(of: Void.self)
            defer { release.finish() }
            gateway.messaging.answer { _ in
                for await _ in gate {}
                return StubService.json(.ok, "{}")
            }
            #expect(try await gateway.call(.GET, Self.path, key: key.secret).status == 503)
        }
    }

    @Test(arguments: ["-1", "x", "01", "+1", "99999999999999999999"])
    func whatIsNoPlaceIsNotFound(place: String) async throws {
        try await Gateway.run { gateway in
            let (_, key) = try await gateway.tenant()
            let path = "/api/v1/messages/\(MessageID.new())/attachments/\(place)"
            #expect(try await gateway.call(.GET, path, key: key.secret).status == 404)
            #expect(gateway.messaging.calls.isEmpty)
        }
    }

    private struct BrokenOff: Error {}
}
