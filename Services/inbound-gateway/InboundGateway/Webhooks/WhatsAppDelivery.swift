import InternalAPI
import Providers
import Shared

/// One webhook of Meta's and the accounts that have vouched for it.
struct WhatsAppDelivery: Sendable {
    /// What is to be stored, account by account.
    struct Parts: Sendable {
        var requests: [RawRequest] = []
        var events: [NewInboxEvent] = []
        /// Events that belong to no account we know.
        var leftOut = 0
    }

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

    /// What is to be stored; events without a number of ours are `owner`'s, or left out without one.
    func parts(of events: [WebhookEvent], owner: KnownAccount?) throws -> Parts {
        var parts = Parts()
        var requestIDs: [AccountID: ID<InboxRequest>] = [:]
        for event in events {
            let named = self.accounts.first { $0.account.number != nil && $0.account.number == event.providerNumber }
            guard let account = named ?? owner else {
                parts.leftOut += 1
                continue
            }
            let requestID = requestIDs[account.account.accountID] ?? .new()
            requestIDs[account.account.accountID] = requestID
            let isOurs = named != nil || event.providerNumber == nil
            parts.events.append(
                try NewInboxEvent(event, of: account, requestID: requestID, handling: isOurs ? .process : .keep)
            )
        }
        for account in self.accounts {
            guard let id = requestIDs[account.account.accountID] else { continue }
            parts.requests.append(self.webhook.raw(id, of: account, part: self.body(for: account)))
        }
        return parts
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
