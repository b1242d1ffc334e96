import Providers
import Shared

extension StoredRequest {
    /// What is left of a webhook, and which of its events are gone with the rest.
    struct Remainder: Sendable {
        let body: [UInt8]
        let keys: [String]
    }

    /// Nil when nothing of it is theirs.
    ///
    /// A JSON body loses what names them; a form and a mail are about one message, and go as a whole.
    func remainder(without finder: AddressFinder) -> Remainder? {
        guard let body = self.left(by: finder) else { return nil }
        let left = Set(self.with(body: body).events.map(\.key))
        return Remainder(body: body, keys: self.events.map(\.key).filter { !left.contains($0) })
    }

    private func left(by finder: AddressFinder) -> [UInt8]? {
        if let value = try? JSONValue(parsing: self.webhook.body) {
            let left = finder.left(of: value)
            return left == value ? nil : (left?.bytes ?? Array("{}".utf8))
        }
        let senders = self.events.flatMap(\.senders)
        let form = self.webhook.isForm ? try? FormParameters(parsing: self.webhook.body) : nil
        let values = form?.pairs.map(\.value) ?? []
        return senders.contains { finder.isTheirs($0) } || values.contains { finder.isTheirs($0) } ? [] : nil
    }
}

extension WebhookEvent {
    /// Who sent it, where it is a message.
    fileprivate var senders: [Address] {
        switch self.content {
        case .message(let message): message.senders
        case .optOut(let wish): [wish.address]
        case .report, .other: []
        }
    }
}

extension WebhookRequest {
    fileprivate var isForm: Bool {
        self.headers["content-type"]?.lowercased().hasPrefix("application/x-www-form-urlencoded") == true
    }
}
