/// Whose protocol a request speaks.
package enum StubProvider: String, Codable, Sendable, CaseIterable {
    case whatsapp
    case twilio
    case sendgrid
    /// A tenant's own server.
    case webhook
}
