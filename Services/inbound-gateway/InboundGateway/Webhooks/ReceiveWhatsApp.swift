import InternalAPI
import Logging
import Metrics
import Providers
import Shared

/// Takes a webhook of Meta's: verifies it for every number it names, then stores it and passes it on.
struct ReceiveWhatsApp: Sendable {
    static let provider = ProviderKind.whatsappCloud
    /// Numbers of one payload that may turn out to be nobody's before the rest is taken to be so too: Meta sends one or two
    /// numbers, and a forger could have us look up any.
    static let maximumUnknownNumbers = 2

    let findAccount: FindWebhookAccount
    let verify: VerifyWebhook
    let receive: ReceiveEvents
    /// Events that nobody has an account for, and that are not stored.
    let strays: Counter
    let logger: Logger

    /// To the URL of one account.
    ///
    /// Numbers that are nobody's are kept for it: the URL says whose they are.
    func callAsFunction(_ webhook: WebhookRequest, for accountID: AccountID) async throws {
        guard let known = try await self.findAccount(.id(accountID)), known.account.provider == Self.provider else {
            throw WebhookFailure.unknownAccount
        }
        let account = try await self.verify(known, foundBy: .id(accountID)) { known throws(WebhookSignatureFailure) in
            try Self.check(webhook, known)
        }
        var delivery = WhatsAppDelivery(webhook)
        delivery.addVerified(account)
        guard let events = try? WhatsAppWebhook.events(webhook.body) else {
            // Signed, so not to be lost: it is kept as it is.
            return try await self.store([.unreadable(webhook.body)], of: delivery, owner: account)
        }
        try await self.addAccounts(of: events, to: &delivery)
        try await self.store(events, of: delivery, owner: account)
    }

    /// To the URL that all numbers of one Meta app share.
    ///
    /// Numbers that are nobody's are left out.
    func callAsFunction(_ webhook: WebhookRequest) async throws {
        guard webhook.headers[Self.signature] != nil else { throw WebhookFailure.signature(.missing) }
        let events: [WebhookEvent]
        do {
            events = try WhatsAppWebhook.events(webhook.body)
        } catch {
            throw WebhookFailure.unreadable(error.detail)
        }
        var delivery = WhatsAppDelivery(webhook)
        try await self.addAccounts(of: events, to: &delivery)
        guard let first = delivery.accounts.first else {
            self.strays.increment(by: events.count)
            throw WebhookFailure.unknownAccount
        }
        try await self.store(events, of: delivery, owner: delivery.isOfOneOrg ? first : nil)
    }

    /// Finds and verifies the account of each number; one that does not fit spoils all.
    private func addAccounts(of events: [WebhookEvent], to delivery: inout WhatsAppDelivery) async throws {
        var seen: Set<String> = []
        var unknown = 0
        for number in events.compactMap(\.providerNumber) where seen.insert(number).inserted {
            guard unknown < Self.maximumUnknownNumbers else { return }
            guard !delivery.covers(number) else { continue }
            if let account = try await self.account(of: number, in: delivery) {
                delivery.addVerified(account)
            } else {
                unknown += 1
            }
        }
    }

    /// - Returns: nil when the number is nobody's.
    private func account(of number: String, in delivery: WhatsAppDelivery) async throws -> KnownAccount? {
        // As long as the directory has them.
        guard (1...100).contains(number.utf8.count), !number.utf8.contains(0) else { return nil }
        let query = MessagingAPI.WebhookAccountQuery.number(Self.provider, number)
        guard let known = try await self.findAccount(query) else { return nil }
        let webhook = delivery.webhook
        do throws(WebhookFailure) {
            return try await self.verify(known, foundBy: query) { known throws(WebhookSignatureFailure) in
                try Self.check(webhook, known)
            }
        } catch {
            guard error == .signature(.mismatch), !delivery.accounts.isEmpty else { throw error }
            throw WebhookFailure.foreignNumber
        }
    }

    private func store(_ events: [WebhookEvent], of delivery: WhatsAppDelivery, owner: KnownAccount?) async throws {
        let (received, leftOut) = try delivery.received(events, owner: owner)
        if leftOut > 0 {
            self.strays.increment(by: leftOut)
            self.logger.warning("webhook events of no account", metadata: ["count": "\(leftOut)"])
        }
        try await self.receive(received)
    }

    private static let signature = "x-hub-signature-256"

    private static func check(_ webhook: WebhookRequest, _ known: KnownAccount) throws(WebhookSignatureFailure) {
        try WhatsAppSignature.verify(
            body: webhook.body,
            header: webhook.headers[Self.signature],
            appSecret: known.secret("app_secret")
        )
    }
}
