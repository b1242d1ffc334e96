import Crypto
import Foundation
import NIOHTTP1
import Shared
import TestSupport

/// One payload as a provider's documents describe it, and what must become of it.
struct InboundCase: Sendable {
    enum Effect: Sendable {
        /// Stored as a message of this type, known at the provider by this id.
        case message(id: String, type: String, body: String?)
        /// Stored without effect: so many events more are `ignored`.
        case ignored(Int)
        /// So many reports more are passed on.
        case reports(Int)
        /// Nothing is stored.
        case nothing
    }

    let name: String
    let status: Int
    let effect: Effect
    let send: @Sendable (InboundCorpus) async throws -> API.Answer

    init(
        _ name: String,
        _ status: Int,
        _ effect: Effect,
        _ send: @escaping @Sendable (InboundCorpus) async throws -> API.Answer
    ) {
        (self.name, self.status, self.effect, self.send) = (name, status, effect, send)
    }
}

/// The accounts that the corpus is posted to.
struct InboundCorpus: Sendable {
    static let httpSecret = "whsec_" + Data("a secret of 24 bytes, ok".utf8).base64EncodedString()
    static let mailToken = "token"
    static let sendGridKey = P256.Signing.PrivateKey()

    let signer: InboundSigner
    let number: String
    let whatsApp: String
    let twilio: String
    let sendGrid: String
    let http: String

    /// A message of Meta's in the usual envelope.
    func meta(_ message: String) async throws -> API.Answer {
        try await self.signer.meta(MetaPayload.message(message, number: self.number))
    }

    func sms(_ sid: String, _ more: [(String, String)], from: String = "+14155550101") async throws -> API.Answer {
        let usual = [("MessageSid", sid), ("From", from), ("To", "+15550009999"), ("AccountSid", "AC1")]
        return try await self.signer.twilio(usual + more, to: self.twilio)
    }

    func hook(_ id: String, _ body: String) async throws -> API.Answer {
        try await self.signer.http(body, id: id, to: self.http, secret: Self.httpSecret)
    }

    /// A mail with these fields of the form.
    func mail(_ fields: [(String, String)], token: String = Self.mailToken) async throws -> API.Answer {
        let parts = fields.map { "--b\r\nContent-Disposition: form-data; name=\"\($0.0)\"\r\n\r\n\($0.1)\r\n" }.joined()
        return try await self.signer.mail(parts + "--b--\r\n", boundary: "b", to: self.sendGrid, token: token)
    }

    func events(_ body: String, signedAs signed: String? = nil) async throws -> API.Answer {
        let seconds = "\(Timestamp.now.microseconds / 1_000_000)"
        let code = try Self.sendGridKey.signature(for: Data((seconds + (signed ?? body)).utf8))
        return try await self.signer.inbound.send(
            .POST,
            "/webhooks/sendgrid/\(self.sendGrid)/events",
            Array(body.utf8),
            [
                "x-twilio-email-event-webhook-timestamp": seconds,
                "x-twilio-email-event-webhook-signature": code.derRepresentation.base64EncodedString(),
            ]
        )
    }
}
