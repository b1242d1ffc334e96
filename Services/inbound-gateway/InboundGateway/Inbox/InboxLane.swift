import Batching
import FaultPoints
import Logging
import Shared
import Synchronization

/// The way of one kind of event to the services, for the requests that bring events and for the worker that finishes them.
struct InboxLane: Sendable {
    /// Webhooks whose events are passed on together.
    ///
    /// One batch is under way at a time: the busier it is, the more each transaction of the services is worth, and a machine
    /// of two cores is through sooner than with several small ones at once.
    private static let batch = 256
    private static let batches = 1
    /// How long what was passed on may wait to be written down, together with what comes meanwhile: nobody waits for it.
    private static let rest: Duration = .milliseconds(25)
    /// Webhooks that wait for a batch; more are left to the worker.
    private static let waiting = 10_000

    let kind: InboxKind
    let state: LaneState
    let pass: any PassEvents
    let settle: SettleEvents
    private let requests: Coalescer<[ClaimedEvent], Void>

    private struct Passed: Sendable {
        let events: [ClaimedEvent]
        let verdicts: [PassVerdict]
    }

    init(_ kind: InboxKind, pass: any PassEvents, settle: SettleEvents) {
        let state = LaneState()
        self.kind = kind
        self.state = state
        self.pass = pass
        self.settle = settle
        let settlements = Self.settlements(settle)
        self.requests = Coalescer(
            maximumBatch: Self.batch,
            maximumConcurrentBatches: Self.batches,
            waitingLimit: Self.waiting
        ) { batch in
            let events = batch.flatMap(\.self)
            let verdicts = await pass(events)
            FaultPoint.eventPassedOn.reach()
            state.note(verdicts)
            // The webhooks are not kept waiting for it: should it fail, the events come back when their lease ends.
            Task { try? await settlements.submit(Passed(events: events, verdicts: verdicts)) }
            return batch.map { _ in .success(()) }
        }
    }

    /// Writes down what became of events, with a pause before each time.
    private static func settlements(_ settle: SettleEvents) -> Coalescer<Passed, Void> {
        Coalescer(maximumBatch: Self.batch, maximumConcurrentBatches: 1, waitingLimit: Self.waiting) { passed in
            try? await Task.sleep(for: Self.rest)
            do {
                try await settle(passed.flatMap(\.events), passed.flatMap(\.verdicts))
            } catch {
                settle.logger.warning("inbox events not settled", metadata: ["error": "\(error)"])
            }
            return passed.map { _ in .success(()) }
        }
    }

    /// For a request: together with those of other requests, and no longer than `budget`.
    ///
    /// What is not done by then goes on by itself; what is not even begun is the worker's when its lease ends.
    func pass(_ events: [ClaimedEvent], within budget: Duration, clock: any Clock<Duration>) async {
        await waitAtMost(budget, clock: clock) { try? await self.requests.submit(events) }
    }

    /// Whether others are being passed on, so that a request would wait for them first.
    var isBusy: Bool { self.requests.isBusy }

    /// For a request that does not wait for it.
    func passLater(_ events: [ClaimedEvent]) {
        Task { try? await self.requests.submit(events) }
    }

    /// For the worker: as long as it takes.
    ///
    /// - Returns: whether the services were there.
    func finish(_ events: [ClaimedEvent]) async throws -> Bool {
        let verdicts = await self.pass(events)
        self.state.note(verdicts)
        try await self.settle(events, verdicts)
        return self.state.isOpen
    }
}

/// Whether the services that a lane needs are there, and the wake-up call for its worker.
final class LaneState: Sendable {
    /// Several calls before the worker looks are one.
    let wakes: AsyncStream<Void>
    private let waker: AsyncStream<Void>.Continuation
    private let open = Mutex(true)

    init() {
        (self.wakes, self.waker) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// False after a try to which no service answered, until one does: then a request would only wait in vain.
    var isOpen: Bool { self.open.withLock(\.self) }

    func note(_ verdicts: [PassVerdict]) {
        guard !verdicts.isEmpty else { return }
        let isOpen = verdicts.contains { verdict in
            if case .unavailable = verdict { false } else { true }
        }
        let wasOpen = self.open.withLock { open in
            defer { open = isOpen }
            return open
        }
        // What follows goes to the worker at once.
        if wasOpen, !isOpen { self.wake() }
    }

    func wake() {
        self.waker.yield()
    }
}
