import Foundation
import HTTPService
import HTTPTypes
import Hummingbird
import InternalAPI
import NIOCore
import NIOHTTP1
import Shared

extension ForwardRequest {
    /// Asks a service for a change that stands for the caller's own, with the caller's idempotency key.
    ///
    /// - Parameters:
    ///   - path: of the service.
    ///   - body: in the service's words.
    ///   - service: that owns the resource.
    ///   - names: the caller's names of fields, by ours: `["/to": "/metadata/recipient"]`.
    ///   - request: the caller's.
    ///   - context: the caller's.
    /// - Throws: the problem that it answers, with the caller's names in it.
    /// - Returns: an answer of 200 to 299.
    func post(
        _ path: InternalPath,
        _ body: JSONValue,
        of service: ServiceName,
        naming names: [String: String] = [:],
        for request: Request,
        _ context: TenantRequestContext
    ) async throws -> InternalAnswer {
        guard let client = self.clients[service] else { throw Problem.unavailable(service.rawValue) }
        let answer = try await client.forward(
            InternalClient.ForwardedRequest(
                method: .POST,
                path: path,
                contentType: "application/json",
                idempotencyKey: request.headers[.idempotencyKey],
                body: ByteBuffer(bytes: body.bytes)
            ),
            as: context.tenancy.acting,
            deadline: self.deadlines.batch
        )
        guard (200..<300).contains(answer.status) else {
            // Our own token is not the caller's business.
            guard answer.status != 401, var problem = answer.problem else {
                throw Problem.unavailable(service.rawValue)
            }
            problem.violations = problem.violations.map { violation in
                .init(pointer: names[violation.pointer] ?? violation.pointer, detail: violation.detail)
            }
            if let first = problem.violations.first { problem.detail = "\(first.pointer) \(first.detail)." }
            throw problem
        }
        return answer
    }
}

extension InternalAnswer {
    /// - Throws: for what is no JSON.
    var json: JSONValue {
        get throws { try JSONValue(parsing: Array(self.body.readableBytesView)) }
    }

    /// The headers of a create that its caller is to see.
    var creationHeaders: HTTPFields {
        var headers: HTTPFields = [:]
        headers[.location] = self.headers.first(name: "location")
        headers[.idempotencyReplayed] = self.headers.first(name: "idempotency-replayed")
        return headers
    }
}

extension String {
    /// As a value in a query: everything but unreserved characters (RFC 3986, section 2.3) as `%XX`.
    var queryEncoded: String {
        let unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
        return self.addingPercentEncoding(withAllowedCharacters: CharacterSet(charactersIn: unreserved)) ?? ""
    }
}
