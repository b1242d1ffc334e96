import InternalAPI
import Shared

@testable import MessagingService

/// Where a message can stand: in a state of the queue, or outside it with a status.
enum Standing: Hashable, Sendable, CaseIterable, CustomStringConvertible {
    case scheduled, waiting, ready, asideForRetry, leased, uncertain, held
    case sent, delivered, read, failed, skipped, cancelled, expired

    var description: String {
        switch self {
        case .scheduled: "scheduled"
        case .waiting: "waiting"
        case .ready: "ready"
        case .asideForRetry: "aside"
        case .leased: "leased"
        case .uncertain: "uncertain"
        case .held: "held"
        case .sent, .delivered, .read, .failed, .skipped, .cancelled, .expired: self.status.rawValue
        }
    }

    var status: MessageStatus {
        switch self {
        case .scheduled: .scheduled
        case .waiting, .ready, .asideForRetry, .leased: .queued
        case .uncertain, .held: .uncertain
        case .sent: .sent
        case .delivered: .delivered
        case .read: .read
        case .failed: .failed
        case .skipped: .skipped
        case .cancelled: .cancelled
        case .expired: .expired
        }
    }

    /// Nil outside the queue.
    var state: QueueState? {
        switch self {
        case .scheduled, .asideForRetry: .scheduled
        case .waiting: .waiting
        case .ready: .ready
        case .leased: .leased
        case .uncertain: .uncertain
        case .held: .held
        case .sent, .delivered, .read, .failed, .skipped, .cancelled, .expired: nil
        }
    }
}

extension StoredMessage {
    /// The moment at which the messages of tests stand somewhere.
    static let now = Timestamp(microseconds: 1_000_000_000)

    /// A message that stands there: due now, uncertain until now, and without an end of its time unless one is given.
    static func standing(
        _ standing: Standing,
        channel: Channel = .sms,
        attemptCount: Int = 0,
        retries: [Duration] = [.seconds(10)],
        expiresAt: Timestamp? = nil,
        onUncertain: UncertainPolicy = .hold,
        canBeAsked: Bool = false,
        crashes: Int = 0,
        heldBy: MessagingAPI.WorkerIdentity? = nil,
        epoch: Int = 1
    ) -> StoredMessage {
        let key = MessageKey(orgID: .new(), id: .new())
        let (accountID, conversationID) = (AccountID.new(), ConversationID.new())
        var row = standing.state.map { state in
            QueueRow(
                key: key,
                accountID: accountID,
                channel: channel,
                category: .transactional,
                conversationID: conversationID,
                expiresAt: expiresAt,
                state: state,
                place: state.hasPlace ? 0 : nil,
                dueAt: Self.now
            )
        }
        row?.crashes = crashes
        row?.heldBy = heldBy
        row?.epoch = epoch
        if standing == .uncertain { row?.holdUntil = Self.now }
        if standing == .leased {
            row?.lease = .init(
                worker: .init(name: "worker-1", incarnation: 1),
                call: 1,
                leasedAt: Self.now,
                leaseUntil: Self.now + .seconds(60)
            )
        }
        var moments = Moments()
        _ = moments.note(standing.status, at: Self.now)
        return StoredMessage(
            orgID: key.orgID,
            id: key.id,
            accountID: accountID,
            conversationID: conversationID,
            channel: channel,
            category: .transactional,
            status: standing.status,
            moments: moments,
            lastAttempt: 1,
            attemptCount: attemptCount,
            retryPolicy: RetryPolicy(delays: retries),
            expiresAt: expiresAt,
            onUncertain: onUncertain,
            canBeAsked: canBeAsked,
            row: row
        )
    }
}
