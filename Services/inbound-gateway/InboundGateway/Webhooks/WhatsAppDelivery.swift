import InternalAPI
import Providers
import Shared

/// One webhook of Meta's and the accounts that have vouched for it.
struct WhatsAppDelivery: Sendable {
    let webhook: WebhookRequest
    private(set) var accounts: [KnownAccount] = []

    init(_ webhook: WebhookRequest) {
        self.webhook = webhook
    }

    var isOfOneOrg: Bool { Set(self.accounts.map(\.account.orgID)).count == 1 }

    mutating func addVerified(_ known: KnownAccount) {
        guard !self.accounts.contains(where: { $0.account.accountID == known.account.accountID }) else { return }
        self.accounts.append(known)
    }

    func covers(_ number: String) -> Bool {
        self.accounts.contains { $0.account.number == number }
    }

    /// What is to be stored, account by account; events without a number of ours are `owner`'s, or left out without one.
    func received(_ events: [WebhookEvent], owner: KnownAccount?) throws -> (webhook: ReceivedWebhook, leftOut: Int) {
        var received = ReceivedWebhook()
        var leftOut = 0
        var requestIDs: [AccountID: ID<InboxRequest>] = [:]
        for (position, event) in events.enumerated() {
            let named = self.accounts.first { $0.account.number != nil && $0.account.number == event.providerNumber }
            guard let account = named ?? owner else {
                leftOut += 1
                continue
            }
            let requestID = requestIDs[account.account.accountID] ?? .new()
            requestIDs[account.account.accountID] = requestID
            let isOurs = named != nil || event.providerNumber == nil
            received.events.append(
                try NewInboxEvent(
                    event,
                    of: account,
                    requestID: requestID,
                    position: position,
                    handling: isOurs ? .process : .ignore
                )
            )
        }
        for account in self.accounts {
            guard let id = requestIDs[account.account.accountID] else { continue }
            received.requests.append(self.webhook.raw(id, of: account, part: self.body(for: account)))
        }
        return (received, leftOut)
    }

    /// Of a payload for several organizations, the changes that name a number of this one; nil for the whole body.
    private func body(for account: KnownAccount) -> [UInt8]? {
        guard !self.isOfOneOrg, let payload = try? JSONValue(parsing: self.webhook.body) else { return nil }
        let numbers = self.accounts.filter { $0.account.orgID == account.account.orgID }.compactMap(\.account.number)
        let entries = (payload["entry"]?.array ?? []).compactMap { entry -> JSONValue? in
            guard var object = entry.object else { return nil }
            let changes = (entry["changes"]?.array ?? []).filter { change in
                numbers.contains(change["value"]?["metadata"]?["phone_number_id"]?.string ?? "")
            }
            guard !changes.isEmpty else { return nil }
            object["changes"] = .array(changes)
            return .object(object)
        }
        guard var object = payload.object else { return nil }
        object["entry"] = .array(entries)
        return JSONValue.object(object).bytes
    }
}
