import Crypto
import Foundation
import Shared

/// Which credentials a provider's account has.
struct CredentialRules {
    enum Need {
        case required, optional
    }

    let names: [(name: String, need: Need)]
    private let provider: ProviderKind

    init(_ provider: ProviderKind) {
        self.provider = provider
        self.names =
            switch provider {
            case .whatsappCloud:
                [
                    ("access_token", .required), ("phone_number_id", .required), ("app_secret", .required),
                    ("verify_token", .required),
                ]
            case .twilio:
                [
                    ("account_sid", .required), ("auth_token", .required), ("from", .optional),
                    ("messaging_service_sid", .optional),
                ]
            case .smtp:
                [
                    ("host", .required), ("port", .required), ("username", .optional), ("password", .optional),
                    ("tls", .required), ("from", .required), ("from_name", .optional), ("reply_to", .optional),
                ]
            case .sendgrid:
                [
                    ("api_key", .required), ("from", .required), ("from_name", .optional), ("reply_to", .optional),
                    ("webhook_public_key", .optional), ("inbound_token", .optional),
                ]
            case .http: [("url", .required), ("secret", .required), ("previous_secret", .optional)]
            case .sandbox: []
            }
    }

    var sentence: String {
        self.names.map { $0.need == .required ? $0.name : "\($0.name) (optional)" }.joined(separator: ", ")
    }

    /// Reads the object `credentials`; numbers are taken as text, because a port may be written as one.
    func read(_ fields: inout JSONFields) -> [String: String] {
        var values: [String: String] = [:]
        for (name, need) in self.names {
            switch fields.value(name) {
            case .string(let text)
            where (1...4096).contains(text.unicodeScalars.count) && !text.contains(where: \.isNewline):
                values[name] = text
            case .number(let number) where number.int != nil:
                values[name] = number.text
            case nil where need == .optional:
                break
            case nil:
                fields.violation(at: name, "is required")
            case .null, .bool, .number, .string, .array, .object:
                fields.violation(at: name, "must be a text of 1 to 4096 characters without line breaks")
            }
        }
        self.check(values, in: &fields)
        return values
    }

    /// What stands in a header or a URL when the provider is asked; all others are free text.
    private static let inRequests = [
        "access_token", "phone_number_id", "account_sid", "auth_token", "messaging_service_sid", "api_key",
    ]

    private func check(_ values: [String: String], in fields: inout JSONFields) {
        for name in Self.inRequests {
            guard let value = values[name], !value.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { continue }
            fields.violation(at: name, "must be ASCII without spaces and control characters")
        }
        switch self.provider {
        case .twilio where !(values["account_sid"] ?? "").utf8.allSatisfy(Self.isLetterOrDigit):
            fields.violation(at: "account_sid", "must be letters and digits only")
        case .twilio where values["from"] == nil && values["messaging_service_sid"] == nil:
            fields.violation(at: "from", "is required, or messaging_service_sid")
        case .smtp:
            if let port = values["port"], !(Int(port).map { (1...65_535).contains($0) } ?? false) {
                fields.violation(at: "port", "must be a port: 1 to 65535")
            }
            if let tls = values["tls"], !["none", "starttls", "implicit"].contains(tls) {
                fields.violation(at: "tls", "must be one of none, starttls, implicit")
            }
            if (values["username"] == nil) != (values["password"] == nil) {
                fields.violation(at: "password", "and username stand together")
            }
            self.checkSender(values, in: &fields)
        case .sendgrid:
            self.checkSender(values, in: &fields)
            if let key = values["webhook_public_key"], !Self.isPublicKey(key) {
                fields.violation(
                    at: "webhook_public_key",
                    "must be SendGrid's verification key: base64, as it shows it"
                )
            }
        case .whatsappCloud:
            if let id = values["phone_number_id"], !id.utf8.allSatisfy({ (48...57).contains($0) }) || id.utf8.count > 32
            {
                fields.violation(at: "phone_number_id", "must be Meta's id of the number: digits only")
            }
        case .http:
            if let url = values["url"], !WebhookEndpoint.isURL(url) {
                fields.violation(at: "url", WebhookEndpoint.urlRule)
            }
            for name in ["secret", "previous_secret"] {
                guard let secret = values[name], !WebhookEndpoint.isSecret(secret) else { continue }
                fields.violation(at: name, WebhookEndpoint.secretRule)
            }
        case .twilio, .sandbox:
            break
        }
    }

    /// A point of P-256 in the SPKI form: another key could verify nothing.
    private static func isPublicKey(_ text: String) -> Bool {
        guard let der = Data(base64Encoded: text) else { return false }
        return (try? P256.Signing.PublicKey(derRepresentation: der)) != nil
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch Unicode.Scalar(byte) {
        case "0"..."9", "A"..."Z", "a"..."z": true
        default: false
        }
    }

    private func checkSender(_ values: [String: String], in fields: inout JSONFields) {
        for name in ["from", "reply_to"] {
            guard let address = values[name] else { continue }
            do {
                _ = try Address(address, for: .email)
            } catch {
                fields.violation(at: name, error.reason)
            }
        }
        guard let name = values["from_name"] else { return }
        if !HeaderLine.isSafe(name) { fields.violation(at: "from_name", HeaderLine.rule) }
        if name.unicodeScalars.count > EmailRules.fromNameLength {
            fields.violation(at: "from_name", "must have at most \(EmailRules.fromNameLength) characters")
        }
    }
}
