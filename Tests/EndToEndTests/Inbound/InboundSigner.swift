import Crypto
import Foundation
import NIOHTTP1
import Providers
import Shared
import TestSupport

/// Posts webhooks as providers do, each signed as its provider signs.
struct InboundSigner: Sendable {
    let inbound: API
    /// What Twilio was told.
    let publicURL: String

    init(_ platform: Platform) {
        self.inbound = API(url: platform.inboundURL, key: nil)
        self.publicURL = platform.inboundURL
    }

    func meta(
        _ body: String,
        to account: String? = nil,
        secret: String = Platform.whatsAppSecret
    ) async throws -> API.Answer {
        let code = HMAC<SHA256>.authenticationCode(for: Data(body.utf8), using: SymmetricKey(data: Data(secret.utf8)))
        let hex = code.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        let path = account.map { "/webhooks/whatsapp/\($0)" } ?? "/webhooks/whatsapp"
        return try await self.inbound.send(.POST, path, Array(body.utf8), ["x-hub-signature-256": "sha256=\(hex)"])
    }

    func twilio(
        _ parameters: [(String, String)],
        to account: String,
        _ kind: String = "messages",
        token: String = Platform.twilioToken
    ) async throws -> API.Answer {
        let path = "/webhooks/twilio/\(account)/\(kind)"
        let text = parameters.sorted { $0.0 < $1.0 }.reduce(self.publicURL + path) { $0 + $1.0 + $1.1 }
        let code = HMAC<Insecure.SHA1>.authenticationCode(
            for: Data(text.utf8),
            using: SymmetricKey(data: Data(token.utf8))
        )
        return try await self.inbound.send(
            .POST,
            path,
            FormParameters(parameters).bytes,
            [
                "x-twilio-signature": Data(code).base64EncodedString(),
                "content-type": "application/x-www-form-urlencoded",
            ]
        )
    }

    func http(_ body: String, id: String, to account: String, secret: String) async throws -> API.Answer {
        let seconds = Timestamp.now.microseconds / 1_000_000
        let signature = StandardWebhooks.sign(id: id, seconds: seconds, body: Array(body.utf8), secret: secret)
        return try await self.inbound.send(
            .POST,
            "/webhooks/http/\(account)",
            Array(body.utf8),
            ["webhook-id": id, "webhook-timestamp": "\(seconds)", "webhook-signature": signature ?? ""]
        )
    }

    /// SendGrid's mail, by the token in its URL.
    func mail(_ body: String, boundary: String, to account: String, token: String) async throws -> API.Answer {
        try await self.inbound.send(
            .POST,
            "/webhooks/sendgrid/\(account)/inbound?token=\(token)",
            Array(body.utf8),
            ["content-type": "multipart/form-data; boundary=\(boundary)"]
        )
    }
}

/// Meta's payloads.
enum MetaPayload {
    static func message(_ message: String, number: String, contact: String = #"{"wa_id":"14155550100"}"#) -> String {
        self.change(#""contacts":[\#(contact)],"messages":[\#(message)]"#, number: number)
    }

    static func statuses(_ statuses: String, number: String) -> String {
        self.change(#""statuses":[\#(statuses)]"#, number: number)
    }

    static func change(_ value: String, number: String, field: String = "messages") -> String {
        #"{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"\#(field)","value":"#
            + #"{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550001111","#
            + #""phone_number_id":"\#(number)"},\#(value)}}]}]}"#
    }

    /// A text of the usual sender's, sent now.
    static func text(_ id: String, _ text: String, from: String = "14155550100", at seconds: Int64 = 0) -> String {
        let now = Timestamp.now.microseconds / 1_000_000 + seconds
        return #"{"id":"\#(id)","from":"\#(from)","timestamp":"\#(now)","type":"text","text":{"body":"\#(text)"}}"#
    }
}
