import Foundation
import NIOCore

/// Writes webhooks as Meta does, and signs them.
struct WebhookPayloads: Sendable {
    struct Payload: Sendable {
        let body: ByteBuffer
        let signature: String
        /// The events of it that are messages.
        let messages: [Int]
    }

    private let account: WebhookAccount
    private let customers: Int
    private let statuses: Int
    private let signer: WebhookSigner

    /// - Parameters:
    ///   - account: whose webhooks they are.
    ///   - customers: how many write in turn.
    ///   - statuses: of a hundred events, how many tell of a message that was sent; nobody knows these.
    init(account: WebhookAccount, customers: Int, statuses: Int) {
        self.account = account
        self.customers = customers
        self.statuses = statuses
        self.signer = WebhookSigner(secret: account.secret)
    }

    /// The provider's id of the message of a number.
    static func id(_ number: Int) -> String { "wamid.load.\(number)" }

    /// The webhook that brings the events of `numbers`.
    func payload(_ numbers: Range<Int>) -> Payload {
        let messages = numbers.filter { $0 % 100 >= self.statuses }
        let seconds = Int(Date().timeIntervalSince1970)
        let changes = [
            self.change("messages", messages.map { self.message($0, at: seconds) }),
            self.change("statuses", numbers.filter { $0 % 100 < self.statuses }.map { self.status($0, at: seconds) }),
        ].compactMap(\.self)
        let text = """
            {"object":"whatsapp_business_account","entry":[{"id":"1","changes":[\(changes.joined(separator: ","))]}]}
            """
        return Payload(body: ByteBuffer(string: text), signature: self.signer.signature(of: text), messages: messages)
    }

    private func change(_ name: String, _ events: [String]) -> String? {
        guard !events.isEmpty else { return nil }
        return """
            {"field":"messages","value":{"messaging_product":"whatsapp","metadata":{"phone_number_id":\
            "\(self.account.number)"},"\(name)":[\(events.joined(separator: ","))]}}
            """
    }

    private func message(_ number: Int, at seconds: Int) -> String {
        """
        {"id":"\(Self.id(number))","from":"\(self.phone(number))","timestamp":"\(seconds)","type":"text",\
        "text":{"body":"Where is my parcel \(number)?"}}
        """
    }

    private func status(_ number: Int, at seconds: Int) -> String {
        """
        {"id":"wamid.sent.\(number)","recipient_id":"\(self.phone(number))","status":"delivered","timestamp":"\(seconds)"}
        """
    }

    private func phone(_ number: Int) -> String { "49150\(1_000_000_000 + number % self.customers)" }
}
