import Foundation
import NIOCore

/// A WhatsApp account that the load program made, and signs for.
struct WebhookAccount: Sendable {
    let id: UUID
    let number: String
    let secret: String

    /// Makes one whose number nobody else has.
    static func make(_ api: LoadClient) async throws(LoadFailure) -> WebhookAccount {
        try await self.make(api, more: "")
    }

    /// Makes the one by which WhatsApp messages leave, `rate` of them a second at most.
    static func makeSender(_ api: LoadClient, rate: Double) async throws(LoadFailure) -> WebhookAccount {
        try await self.make(api, more: #""is_default":true,"settings":\#(Self.settings(rate: rate)),"#)
    }

    /// Lets `rate` messages a second leave from now on.
    func change(_ api: LoadClient, rate: Double) async throws(LoadFailure) {
        let answer = try await api.patch(
            "/api/v1/channel-accounts/\(self.id.uuidString.lowercased())",
            ByteBuffer(string: #"{"settings":\#(Self.settings(rate: rate))}"#)
        )
        guard answer.status == 200 else {
            throw LoadFailure("An account's rate can not be changed (\(answer.status)): \(answer.explanation)")
        }
    }

    private static func settings(rate: Double) -> String {
        #"{"rate_per_second":\#(rate),"burst":\#(max(1, Int(rate))),"pair_interval_ms":0}"#
    }

    private static func make(_ api: LoadClient, more: String) async throws(LoadFailure) -> WebhookAccount {
        let number = String(Int.random(in: 100_000_000_000...999_999_999_999))
        let secret = UUID().uuidString
        let body = """
            {"channel":"whatsapp","provider":"whatsapp_cloud","name":"load \(number)",\(more)"credentials":\
            {"access_token":"load","phone_number_id":"\(number)","app_secret":"\(secret)","verify_token":"load"}}
            """
        let answer = try await api.post("/api/v1/channel-accounts", ByteBuffer(string: body))
        guard answer.status == 201, let made = try? JSONDecoder().decode(Made.self, from: answer.body) else {
            throw LoadFailure("No account can be made (\(answer.status)): \(answer.explanation)")
        }
        return WebhookAccount(id: made.id, number: number, secret: secret)
    }

    private struct Made: Decodable {
        let id: UUID
    }
}
