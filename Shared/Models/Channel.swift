/// How a message reaches its recipient.
///
/// The raw values are those of the public API and of the Postgres enum `channel`.
package enum Channel: String, Sendable, CaseIterable, Codable, Hashable {
    case whatsapp, sms, email, push, inapp, webhook, sandbox
}

/// Whose protocol an account speaks.
package enum ProviderKind: String, Sendable, CaseIterable, Codable, Hashable {
    case whatsappCloud = "whatsapp_cloud"
    case twilio, smtp, sendgrid, http, sandbox

    /// The channel whose messages the provider carries.
    package var channel: Channel {
        switch self {
        case .whatsappCloud: .whatsapp
        case .twilio: .sms
        case .smtp, .sendgrid: .email
        case .http: .webhook
        case .sandbox: .sandbox
        }
    }
}

/// What a message is for: it sets its place in the queue and the policies it must pass.
///
/// Listed by priority, the first before the others.
package enum Category: String, Sendable, CaseIterable, Codable, Hashable {
    case otp, transactional, marketing

    /// 0 goes first; the column `outbox.class`.
    package var priority: Int {
        switch self {
        case .otp: 0
        case .transactional: 1
        case .marketing: 2
        }
    }
}

/// Whether we sent a message or received it.
package enum Direction: String, Sendable, CaseIterable, Codable, Hashable {
    case outbound, inbound
}

/// What happens to a message of unknown outcome once nobody has told us for the hold time.
package enum UncertainPolicy: String, Sendable, CaseIterable, Codable, Hashable {
    /// It is sent again: the recipient may get it twice.
    case resend
    /// It stays `uncertain`, for a person to decide.
    case hold
}
