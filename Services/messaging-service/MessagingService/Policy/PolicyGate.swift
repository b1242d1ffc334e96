package import InternalAPI
import Logging
import Postgres
import Shared
import Synchronization

/// Asks, before claimed messages go to a worker, whether their recipients may get them.
///
/// What is forbidden is skipped and what is too early waits, in a transaction of its own; while nobody can be asked everything
/// waits, and for a second nothing more is claimed.
package struct PolicyGate: Sendable {
    package typealias Ask = @Sendable ([CustomerAPI.PolicyCheck]) async throws -> [CustomerAPI.PolicyVerdict]

    /// How long messages wait that nobody could be asked about.
    static let pause: Duration = .seconds(1)
    /// How long a verdict may be old when a message leaves.
    static let freshness: Duration = .seconds(1)

    let ask: Ask
    let change: ChangeMessages
    let recent: RecentVerdicts
    private let state = State()

    package init(ask: @escaping Ask, change: ChangeMessages, recent: RecentVerdicts) {
        self.ask = ask
        self.change = change
        self.recent = recent
    }

    private final class State: Sendable {
        let closedUntil = Mutex<ContinuousClock.Instant?>(nil)
    }

    /// When it is worth asking again; nil at once.
    var closedUntil: ContinuousClock.Instant? {
        self.state.closedUntil.withLock { time in time.flatMap { $0 > .now ? $0 : nil } }
    }

    /// - Throws: when what may not leave can not be put back: then nothing of the claim may be handed out, and all of it
    ///   returns to the queue as a lease that never reached its worker.
    /// - Returns: those that may leave.
    func callAsFunction(_ messages: [GatedMessage]) async throws -> [ClaimedMessage] {
        guard !messages.isEmpty else { return [] }
        var endings: [MessageKey: Ending] = [:]
        let open = messages.filter { message in
            guard let ending = message.ending else { return true }
            endings[message.claimed.key] = ending
            return false
        }
        let asked = open.filter { !$0.isExempt && !self.recent.allow($0) }
        do {
            for (message, verdict) in zip(asked, try await self.verdicts(of: asked)) {
                endings[message.claimed.key] = Ending(verdict)
            }
            if !asked.isEmpty { self.state.closedUntil.withLock { $0 = nil } }
        } catch {
            self.state.closedUntil.withLock { $0 = .now + Self.pause }
            self.change.logger.warning(
                "policy can not be checked: messages wait",
                metadata: ["messages": "\(asked.count)", "error": "\(error)"]
            )
            for message in asked { endings[message.claimed.key] = .unknown }
        }
        try await self.end(messages.map(\.claimed), endings)
        return messages.map(\.claimed).filter { endings[$0.key] == nil }
    }

    private func verdicts(of messages: [GatedMessage]) async throws -> [CustomerAPI.PolicyVerdict] {
        guard !messages.isEmpty else { return [] }
        let verdicts = try await self.ask(messages.map(\.check))
        guard verdicts.count == messages.count else { throw Problem.internal }
        return verdicts
    }

    /// Why a claimed message does not go.
    fileprivate enum Ending: Sendable {
        case forbidden(ProviderError)
        /// Its broadcast was cancelled.
        case withdrawn
        case tooEarly(until: Timestamp)
        case quiet(until: Timestamp)
        case unknown

        init?(_ verdict: CustomerAPI.PolicyVerdict) {
            switch verdict {
            case .allowed: return nil
            case .waits(let time): self = .quiet(until: time)
            case .blocked(let block): self = .forbidden(ProviderError(block))
            }
        }
    }

    private func end(_ messages: [ClaimedMessage], _ endings: [MessageKey: Ending]) async throws {
        guard !endings.isEmpty else { return }
        let epochs = Dictionary(messages.map { ($0.key, $0.epoch) }) { $1 }
        try await self.change.eachThatCan(endings.keys.sorted()) { settlement, now throws(ActRefusal) in
            let key = MessageKey(orgID: settlement.stored.orgID, id: settlement.stored.id)
            guard let ending = endings[key], let epoch = epochs[key] else { return }
            switch ending {
            case .forbidden(let error): settlement.forbid(lease: epoch, because: error, now: now)
            case .withdrawn: settlement.withdraw(lease: epoch, now: now)
            case .tooEarly(let time): settlement.putOff(lease: epoch, by: .schedule(time))
            case .quiet(let time): settlement.putOff(lease: epoch, untilQuietHoursEnd: time)
            case .unknown: settlement.putOff(lease: epoch, by: .stay(after: Self.pause))
            }
        }
    }
}

/// A claimed message, and what decides about it besides its recipient.
package struct GatedMessage: Sendable {
    let claimed: ClaimedMessage
    let customerID: CustomerID
    /// It goes whatever its recipient said before.
    let isExempt: Bool
    let rules: SendingRules
    let mayUseSMS: Bool
    var isAccountDeleted = false
    /// By the organization's clock.
    let now: Timestamp

    /// How long a message waits whose broadcast is paused, unless that goes on before.
    static let broadcastPause: Duration = .seconds(3600)

    /// Why it does not go, whoever its recipient is; nil where that decides.
    fileprivate var ending: PolicyGate.Ending? {
        switch self.claimed.broadcastState {
        case .cancelled?: return .withdrawn
        case .paused?: return .tooEarly(until: self.now + Self.broadcastPause)
        case .scheduled?, .running?, .done?, nil: break
        }
        if self.isAccountDeleted { return .forbidden(.accountDeleted) }
        return self.claimed.channel == .sms && !self.mayUseSMS && !self.isExempt ? .forbidden(.notVerified) : nil
    }

    var check: CustomerAPI.PolicyCheck {
        CustomerAPI.PolicyCheck(
            orgID: self.claimed.orgID,
            messageID: self.claimed.messageID,
            customerID: self.customerID,
            address: Address(recipient: self.claimed.recipient, on: self.claimed.channel),
            channel: self.claimed.channel,
            category: self.claimed.category,
            stage: .sending,
            rules: self.rules,
            at: self.now
        )
    }
}
