package import AsyncHTTPClient
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
package import Shared

/// Calls one service: JSON in, JSON out, every failure thrown as `Problem`.
///
/// A service that is down, too slow or out of its mind becomes 503 `unavailable` with its name; nothing waits past
/// the deadline.
package struct InternalClient: Sendable {
    /// For a call to a service that answers from its database.
    package static let ordinaryDeadline: Duration = .seconds(5)
    /// The most of an answer that is read: 256 leases with 256 KB each, and what JSON adds to that.
    static let answerBytes = 96 * 1024 * 1024

    let service: ServiceName
    let client: HTTPClient
    let baseURL: String
    let token: @Sendable () async throws -> String
    let clock: any Clock<Duration>
    let metrics: CallMetrics

    /// - Parameters:
    ///   - service: which service is called.
    ///   - client: `HTTPClient.internal()`, shared by all clients of the process.
    ///   - baseURL: without a slash at its end.
    ///   - clock: for the pauses between tries.
    ///   - token: gives the service token, as `ServiceTokens.issue(as:)` does.
    package init(
        _ service: ServiceName,
        client: HTTPClient,
        baseURL: String,
        clock: any Clock<Duration> = ContinuousClock(),
        token: @escaping @Sendable () async throws -> String
    ) {
        self.service = service
        self.client = client
        self.baseURL = baseURL
        self.clock = clock
        self.token = token
        self.metrics = CallMetrics(service)
    }

    /// Reads something; tried again, within the deadline, when the service can not be reached.
    package func get<Answer: Decodable>(
        _ path: InternalPath,
        query: [(name: String, value: String)] = [],
        as acting: Acting? = nil,
        deadline: Duration = Self.ordinaryDeadline
    ) async throws -> Answer {
        let call = InternalCall(method: .GET, path: path, query: InternalCall.encode(query), repeatable: true)
        return try self.decode(try await self.perform(call, as: acting, deadline: deadline))
    }

    /// Sends something.
    ///
    /// With `repeatable` it is tried again, within the deadline, when the service can not be reached: for calls of which
    /// a second one changes nothing.
    package func post<Answer: Decodable>(
        _ path: InternalPath,
        _ body: some Encodable,
        as acting: Acting? = nil,
        repeatable: Bool = false,
        deadline: Duration = Self.ordinaryDeadline
    ) async throws -> Answer {
        var call = InternalCall(method: .POST, path: path, query: nil, repeatable: repeatable)
        call.body = ByteBuffer(data: try InternalJSON.encode(body))
        call.headers.add(name: "content-type", value: "application/json")
        return try self.decode(try await self.perform(call, as: acting, deadline: deadline))
    }

    private func decode<Answer: Decodable>(_ answer: InternalAnswer) throws -> Answer {
        guard (200..<300).contains(answer.status) else { throw answer.problem ?? .unavailable(self.service.rawValue) }
        return try InternalJSON.decode(Answer.self, from: Data(buffer: answer.body))
    }
}
