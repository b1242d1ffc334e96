import Foundation
import NIOCore

/// An organization that was made for a measurement.
struct Tenant: Sendable {
    let id: UUID
    let key: String
    /// Its WhatsApp account, which leads to the stub.
    let account: WebhookAccount
}

/// Makes organizations as an operator does, each with a key, and accounts without a limit in the way.
struct MakeTenant: Sendable {
    /// The operator's.
    let client: LoadClient

    /// Makes one whose WhatsApp account may send `rate` messages a second.
    func callAsFunction(rate: Double) async throws(LoadFailure) -> Tenant {
        let slug = "load-\(UUID().uuidString.lowercased())"
        let org = try await self.make("/api/v1/orgs", #"{"name":"load","slug":"\#(slug)"}"#, as: Made.self)
        let key = try await self.make(
            "/api/v1/orgs/\(org.id.uuidString.lowercased())/keys",
            #"{"name":"load","scopes":["*"],"mode":"live"}"#,
            as: MadeKey.self
        )
        let account = try await WebhookAccount.makeSender(self.client.with(key: key.secret), rate: rate)
        return Tenant(id: org.id, key: key.secret, account: account)
    }

    private func make<Value: Decodable>(
        _ path: String,
        _ body: String,
        as type: Value.Type
    ) async throws(LoadFailure) -> Value {
        let answer = try await self.client.post(path, ByteBuffer(string: body))
        guard answer.status == 201, let value = try? JSONDecoder().decode(type, from: answer.body) else {
            throw LoadFailure("No organization can be made (\(answer.status)): \(answer.explanation)")
        }
        return value
    }

    private struct Made: Decodable {
        let id: UUID
    }

    private struct MadeKey: Decodable {
        let secret: String
    }
}
