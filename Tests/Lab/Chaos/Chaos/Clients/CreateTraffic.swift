import Installation
import Shared
import TestClient

/// Clients of all organizations, who create at a steady rate and repeat until they are acknowledged.
struct CreateTraffic: Sendable {
    private static let channels = ["whatsapp", "sms", "whatsapp", "webhook"]
    /// Of each organization and channel.
    private static let recipients = 60
    private static let unanswered = 500

    let tenants: [Tenant]
    let rate: Double
    let ledger: ClientLedger
    /// One client for each organization.
    private let clients: [PersistentClient]

    init(tenants: [Tenant], rate: Double, ledger: ClientLedger) {
        self.tenants = tenants
        self.rate = rate
        self.ledger = ledger
        self.clients = tenants.map { PersistentClient(api: $0.api) }
    }

    /// Creates until told to end, and returns when every create is acknowledged.
    func run(while goesOn: @escaping @Sendable () -> Bool) async throws {
        let calls = SteadyCalls(perSecond: self.rate, unanswered: Self.unanswered)
        _ = try await calls(while: goesOn) { try await self.create($0) }
    }

    /// What clients were answered against the contract.
    var odd: [String] { self.ledger.odd.elements + self.clients.flatMap { $0.answers.counts.odd } }
    var deferred: Int { self.clients.reduce(0) { $0 + $1.answers.counts.deferred } }
    var unreachable: Int { self.clients.reduce(0) { $0 + $1.answers.counts.unreachable } }

    private func create(_ beat: Int) async throws {
        let index = beat % self.tenants.count
        let channel = Self.channels[beat / self.tenants.count % Self.channels.count]
        let turn = beat / self.tenants.count / Self.channels.count % Self.recipients
        let recipient = channel == "webhook" ? "customer-\(turn)" : phone(turn)
        let (message, key) = (Self.message(beat, to: recipient, channel: channel), "key-\(beat)")
        let firstSentAt = ContinuousClock.now
        do {
            // Two at once now and then: one of them waits for the other's key.
            async let twin = beat % 25 == 0 ? self.clients[index].create(message, key: key) : nil
            let answer = try await self.clients[index].create(message, key: key)
            self.ledger.acknowledged.add(
                .init(
                    tenant: self.tenants[index].number,
                    key: key,
                    id: answer.id,
                    channel: channel,
                    recipient: recipient,
                    firstSentAt: firstSentAt,
                    acknowledgedAt: .now
                )
            )
            if let twin = try await twin, twin.bytes != answer.bytes { self.ledger.changed.add(key) }
            guard beat % 10 == 0 else { return }
            let again = try await self.clients[index].create(message, key: key)
            if again.bytes != answer.bytes { self.ledger.changed.add(key) }
        } catch let refusal as Unusable {
            self.ledger.odd.add(refusal.description)
        }
    }

    /// Every text is another, as a look-up compares recipient and text.
    private static func message(_ number: Int, to recipient: String, channel: String) -> JSONValue {
        textMessage(
            to: recipient,
            "Message \(number)",
            channel: channel,
            [
                // What never left when its worker died leaves no evidence, and is sent again after the hold time.
                "on_uncertain": "resend",
                "retry": [
                    "delays": [
                        "200ms", "500ms", "1s", "1s", "2s", "2s", "5s", "5s", "5s", "5s", "5s", "10s", "10s", "10s",
                        "10s", "10s", "10s", "10s", "10s", "10s",
                    ]
                ],
            ]
        )
    }
}
