import Foundation
import HTTPService
import HTTPTypes
import Hummingbird
import InternalAPI
import Logging
import NIOCore
import ServiceLifecycle
import Shared
import Synchronization
import TestSupport

/// One of the services in this process, which answers what a test tells it to.
final class StubService: Sendable {
    struct Call: Sendable {
        let method: String
        let target: String
        let headers: HTTPFields
        let bytes: ByteBuffer

        var body: String { String(buffer: self.bytes) }

        func header(_ name: String) -> String? { HTTPField.Name(name).flatMap { self.headers[$0] } }

        /// As it came, without decoding.
        var query: [String: String] {
            let pairs = self.target.split(separator: "?").dropFirst().joined().split(separator: "&")
            return Dictionary(
                pairs.map { pair in
                    let parts = pair.split(separator: "=", maxSplits: 1)
                    return (String(parts[0]), parts.dropFirst().joined())
                }
            ) { $1 }
        }
    }

    typealias Handler = @Sendable (Call) async throws -> Response

    private let seen = Mutex<[Call]>([])
    private let handler = Mutex<Handler>(StubService.nothingThere)
    private let seenPushes = Mutex<[Call]>([])
    private let pushHandler = Mutex<Handler>(StubService.accepted)

    /// What was forwarded.
    var calls: [Call] { self.seen.withLock { $0 } }
    /// The pushes of organizations that were answered 200: the gateway makes them by itself, and may repeat them.
    var pushes: [Call] { self.seenPushes.withLock { $0 } }
    /// What those pushes told.
    var pushedOrgs: [OrgSettingsRequest.Org] {
        get throws {
            try self.pushes.flatMap { call in
                try InternalJSON.decode(OrgSettingsRequest.self, from: Data(call.body.utf8)).orgs
            }
        }
    }

    func answer(_ handler: @escaping Handler) {
        self.handler.withLock { $0 = handler }
    }

    func answerPushes(_ handler: @escaping Handler) {
        self.pushHandler.withLock { $0 = handler }
    }

    func server(_ port: ServerPort) -> any Service {
        let router = Router(context: AppRequestContext.self)
        for method in [HTTPRequest.Method.get, .post, .patch, .put, .delete] {
            router.on("/internal/**", method: method) { request, _ in try await self.take(request) }
        }
        router.put("/internal/org-settings") { request, _ in try await self.takePush(request) }
        return makeServer(
            router: router,
            config: ServerConfig(port: 0),
            logger: .quiet,
            onServerRunning: { port.set($0) }
        )
    }

    private func take(_ request: Request) async throws -> Response {
        let call = try await Self.call(of: request)
        self.seen.withLock { $0.append(call) }
        return try await self.handler.withLock { $0 }(call)
    }

    private func takePush(_ request: Request) async throws -> Response {
        let call = try await Self.call(of: request)
        let answer = try await self.pushHandler.withLock { $0 }(call)
        if answer.status == .ok { self.seenPushes.withLock { $0.append(call) } }
        return answer
    }

    private static func call(of request: Request) async throws -> Call {
        Call(
            method: request.method.rawValue,
            target: request.uri.string,
            headers: request.headers,
            bytes: try await request.body.collect(upTo: Limits.broadcastBytes)
        )
    }

    /// As the real one answers for an id that the organization does not have.
    static let nothingThere: Handler = { call in
        Problem.notFound.response(requestID: call.header("x-request-id") ?? "")
    }

    /// As a service in which nothing happened.
    static let emptyTrail: Handler = { call in
        guard call.target.hasPrefix("/internal/audit-events") else { return try await StubService.nothingThere(call) }
        return StubService.json(.ok, #"{"data":[],"next_cursor":null}"#)
    }

    static let accepted: Handler = { _ in StubService.json(.ok, "{}") }

    /// As one that can not be reached.
    static let away: Handler = { call in
        Problem.unavailable.response(requestID: call.header("x-request-id") ?? "")
    }

    static func json(_ status: HTTPResponse.Status, _ body: String, _ headers: HTTPFields = [:]) -> Response {
        var headers = headers
        headers[.contentType] = "application/json"
        return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(string: body)))
    }
}
