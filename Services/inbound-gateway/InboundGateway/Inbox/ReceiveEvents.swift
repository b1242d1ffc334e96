import Batching
import FaultPoints
import Postgres
import Shared

/// Stores verified webhooks, then passes on what they brought, for as long as the provider may wait.
///
/// In a crowd nobody waits for those before: a webhook that would is answered once it is stored, and its effect follows with
/// theirs. But a change of a consent has its effect before the answer.
struct ReceiveEvents: Sendable {
    /// Webhooks written in one transaction, and such transactions at the same time: see `InboxLane`.
    private static let batch = 256
    private static let batches = 1
    /// Webhooks that wait to be written; more are answered 503, and the provider comes again.
    private static let waiting = 10_000

    let lanes: [InboxLane]
    let policy: InboxPolicy
    let clock: any Clock<Duration>
    private let writes: Coalescer<ReceivedWebhook, [ClaimedEvent]>

    init(
        postgres: PostgresPool,
        lanes: [InboxLane],
        policy: InboxPolicy,
        clock: any Clock<Duration>,
        metrics: InboxMetrics
    ) {
        self.lanes = lanes
        self.policy = policy
        self.clock = clock
        let store = StoreWebhooks(postgres: postgres, lanes: lanes, lease: policy.lease, metrics: metrics)
        self.writes = Coalescer(
            maximumBatch: Self.batch,
            maximumConcurrentBatches: Self.batches,
            waitingLimit: Self.waiting
        ) { await store($0) }
    }

    /// Returns once everything is stored; afterwards nothing can be lost, and the provider may be told so.
    ///
    /// - Parameter webhook: repetitions of what is stored already change nothing.
    /// - Throws: when the database could not store it; then nothing is stored.
    func callAsFunction(_ webhook: ReceivedWebhook) async throws {
        let began = ContinuousClock.now
        let taken = try await self.writes.submit(webhook)
        FaultPoint.webhookAfterCommit.reach()
        guard !taken.isEmpty else { return }
        // What storing it took is part of what the provider waits for.
        let budget = self.policy.requestBudget - began.duration(to: .now)
        let mustTakeEffect = webhook.events.contains(where: \.hasKeyword)
        await withDiscardingTaskGroup { group in
            for lane in self.lanes {
                let events = taken.filter { $0.kind == lane.kind }
                guard !events.isEmpty else { continue }
                guard mustTakeEffect || !lane.isBusy else {
                    lane.passLater(events)
                    continue
                }
                group.addTask { await lane.pass(events, within: budget, clock: self.clock) }
            }
        }
    }
}

/// A verified webhook as it is to be stored.
struct ReceivedWebhook: Sendable {
    /// One for each account.
    var requests: [RawRequest] = []
    var events: [NewInboxEvent] = []
}
