import Foundation
import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// What workers and providers do.
extension RandomRun {
    mutating func create() async throws {
        let (now, number) = (Timestamp.now, self.ids.count)
        let delays = self.pick([["60s", "60s"], ["60s", "1h"], ["1h"], []])
        var message = MessageModel.Message(
            body: "body \(number)",
            recipient: self.pick(Self.recipients),
            category: self.pick(Shared.Category.allCases),
            reference: "r\(self.number(0...2))",
            delays: delays.map { $0 == "1h" ? .seconds(3600) : .seconds(60) },
            isResent: self.chance(40),
            scheduledAt: self.chance(25) ? now + .seconds(1800 * self.number(1...3)) : nil,
            due: now...now
        )
        if self.chance(25) { message.expiresAt = (message.scheduledAt ?? now) + .seconds(self.pick([600, 5400])) }
        self.note("create \(number): \(message)")
        let id = try await self.fixture.send(
            message.body,
            to: message.recipient,
            [
                "category": .string(message.category.rawValue), "reference": .string(message.reference),
                "retry": ["delays": .array(delays.map { .string($0) })],
                "on_uncertain": .string(message.isResent ? "resend" : "hold"),
                "scheduled_at": .text(message.scheduledAt), "expires_at": .text(message.expiresAt),
            ]
        )
        self.ids.append(id)
        self.model.create(id, message, now: now)
    }

    mutating func lease(_ slots: Int) async throws {
        self.note("lease \(slots)")
        let claimable = self.model.claimable(.now)
        let leases = try await self.fixture.offerAndLease(slots: slots)
        try self.same(leases.count, min(slots, claimable.count))
        try self.same(Set(leases.map(\.messageID)).subtracting(claimable), [])
        let left = claimable.subtracting(leases.map(\.messageID)).compactMap { self.model[$0]?.category.priority }
        for lease in leases.sorted(by: { self.index($0.messageID) < self.index($1.messageID) }) {
            self.model.lease(lease.messageID)
            let message = try #require(self.model[lease.messageID])
            try self.same(lease.reference.number, message.latest)
            try self.same([lease.to, lease.content.body], [message.recipient, message.body])
            try self.same(left.contains { $0 < message.category.priority }, false)
            self.latest[lease.messageID] = message.latest
            self.leases.append(lease)
        }
    }

    /// Mostly of an attempt that is being made, and sometimes of one that is over, or again.
    mutating func tell() async throws {
        let open = self.leases.filter { lease in
            self.model[lease.messageID].map { $0.stand == .leased && $0.latest == lease.reference.number } ?? false
        }
        let isOpen = self.chance(85) && !open.isEmpty
        guard let lease = (isOpen ? open : self.leases).randomElement(using: &self.random) else { return }
        let news: MessageModel.News = self.pick([
            .sent, .sent, .sent, .transient, .transient, .permanent, .throttled, .uncertain, .uncertain,
        ])
        let outcome: SendOutcome =
            switch news {
            case .sent, .delivered, .read: .accepted(providerMessageID: "\(lease.reference)")
            case .transient: .failedTransiently(Self.error, retryAfter: nil)
            case .permanent: .rejected(Self.error)
            case .throttled: .throttled(Self.error, retryAfter: Self.throttling, scope: .recipient)
            case .uncertain: .uncertain(Self.error)
            }
        self.note("tell \(news) of \(self.index(lease.messageID)).\(lease.reference.number)")
        let told = MessagingAPI.AttemptOutcome(
            orgID: lease.orgID,
            reference: lease.reference,
            outcome: outcome,
            startedAt: .now,
            endedAt: .now
        )
        let now = Timestamp.now
        let effects = try await self.fixture.settle([AttemptEvent(told, by: self.fixture.worker)])
        try self.same(effects.map(\.heard), [self.model.hear(news, of: lease.reference, now: now)])
    }

    /// Of any attempt that was ever made, in few enough words that some are said again.
    mutating func report() async throws {
        let tried = self.ids.filter { self.latest[$0] != nil }
        let open = tried.filter { self.model[$0].map { $0.status != .failed && $0.status != .read } ?? false }
        guard let id = (self.chance(80) ? open : tried).randomElement(using: &self.random),
            let latest = self.latest[id]
        else { return }
        let reference = AttemptReference(messageID: id, number: self.chance(70) ? latest : self.number(1...latest))
        let news: MessageModel.News = self.pick([.sent, .delivered, .read, .transient, .permanent, .uncertain])
        let status: ProviderReport.Status =
            switch news {
            case .sent: .sent
            case .delivered: .delivered
            case .read: .read
            case .transient: .failed(Self.error, .transient)
            case .permanent: .failed(Self.error, .permanent)
            case .uncertain, .throttled: .failed(Self.error, .uncertain)
            }
        let key = "\(reference):\(news):\(self.number(0...1))"
        self.note("report \(news) of \(self.index(id)).\(reference.number)")
        let report = ProviderReport(
            eventKey: key,
            reference: reference,
            providerMessageID: nil,
            status: status,
            occurredAt: .now
        )
        let now = Timestamp.now
        let answer = try await self.fixture.apply([
            .init(orgID: self.fixture.orgID, accountID: self.accountID, report: report)
        ])
        let effect = self.model.heard[key]?.effect ?? self.model.hear(news, of: reference, now: now)
        self.model.heard[key] = (id, effect)
        try self.same(answer, [effect.asReported])
    }
}
