import DequeModule
import Metrics
import Synchronization

/// What the worker has in its hands: messages that wait for a slot, attempts that are being made, and ends nobody was told of.
///
/// A slot is taken while an attempt is made, and free as soon as that has ended: what messaging-service is told meanwhile takes
/// none. While providers answer soon a few more messages are asked for than slots are free, so that the next ones are there
/// when others have ended. One-time codes begin first, and have the last slots to themselves (`SlotShare`).
final class Slots: Sendable {
    /// What became of the wait for a slot.
    enum Turn: Equatable {
        case begun
        /// What was decided about the message is too old by now.
        case tooLate
        case stopping
    }

    private struct Waiter {
        let latest: ContinuousClock.Instant
        let continuation: CheckedContinuation<Turn, Never>
    }

    private struct State {
        var counts: SlotCounts
        var isClosed = false
        /// There is one waiting caller at most: the dispatcher's loop.
        var asker: CheckedContinuation<Void, Never>?
        var codes: Deque<Waiter> = []
        var others: Deque<Waiter> = []
    }

    private let state: Mutex<State>
    private let taken = Meter(label: "herald_worker_slots_taken")

    init(count: Int) {
        self.state = Mutex(State(counts: SlotCounts(count: count)))
        Gauge(label: "herald_worker_slots").record(count)
    }

    /// Whether most of them are free: then there is no hurry, and a call may wait until it has more to carry.
    var areMostlyFree: Bool { self.state.withLock { $0.counts.areMostlyFree } }

    /// How many are held and wait for a slot.
    var waitingToBegin: Int { self.state.withLock { $0.codes.count + $0.others.count } }

    /// Whether the dispatcher's loop waits until more can be held.
    var isAskerWaiting: Bool { self.state.withLock { $0.asker != nil } }

    /// Nothing more is to be begun.
    var isClosed: Bool { self.state.withLock { $0.isClosed } }

    // MARK: - Asking for work

    /// Waits until more can be held.
    ///
    /// - Returns: how many messages to ask for, and which; nil once closed.
    func share() async -> SlotShare? {
        while true {
            let (share, isClosed) = self.state.withLock { ($0.counts.share, $0.isClosed) }
            if isClosed { return nil }
            if let share { return share }
            await withCheckedContinuation { continuation in
                let mayGoOn = self.state.withLock { state in
                    guard state.counts.share == nil, !state.isClosed else { return true }
                    state.asker = continuation
                    return false
                }
                if mayGoOn { continuation.resume() }
            }
        }
    }

    /// A question is asked: what ends from now on ends after it.
    func asked(at now: ContinuousClock.Instant) {
        self.state.withLock { $0.counts.ask(at: now) }
    }

    /// Forgets how soon attempts ended when the last question was long ago.
    func forget(at now: ContinuousClock.Instant) {
        self.state.withLock { $0.counts.forget(at: now) }
    }

    /// Takes in what an answer brought; each begins, or is given back.
    ///
    /// - Returns: whether some have to wait for a slot.
    @discardableResult
    func hold(_ count: Int, codes: Int = 0) -> Bool {
        self.state.withLock { $0.counts.hold(count, codes: codes) }
    }

    // MARK: - Sending

    /// Takes a slot for one of those that are held, once it is its turn.
    ///
    /// - Parameters:
    ///   - isCode: it may have the last slots.
    ///   - latest: later it is not worth beginning.
    /// - Returns: whether it was begun; otherwise it is held as before.
    func begin(isCode: Bool, before latest: ContinuousClock.Instant) async -> Turn {
        if let turn = self.state.withLock({ self.turn(isCode, in: &$0) }) { return turn }
        return await withCheckedContinuation { continuation in
            let turn: Turn? = self.state.withLock { state in
                if let turn = self.turn(isCode, in: &state) { return turn }
                let waiter = Waiter(latest: latest, continuation: continuation)
                if isCode { state.codes.append(waiter) } else { state.others.append(waiter) }
                return nil
            }
            if let turn { continuation.resume(returning: turn) }
        }
    }

    /// Nil when it has to wait: who waits already comes first.
    private func turn(_ isCode: Bool, in state: inout State) -> Turn? {
        if state.isClosed { return .stopping }
        guard state.codes.isEmpty, isCode || state.others.isEmpty else { return nil }
        guard state.counts.isFree(forCode: isCode) else { return nil }
        self.noteBegun(isCode, in: &state)
        return .begun
    }

    private func noteBegun(_ isCode: Bool, in state: inout State) {
        state.counts.begin(isCode: isCode)
        self.taken.increment(by: 1)
    }

    /// Frees the slot of one that was begun; messaging-service is to be told.
    ///
    /// - Parameter time: how long the attempt took; nil when none was made.
    func end(after time: Duration?) {
        self.taken.decrement(by: 1)
        self.change { $0.counts.end(after: time) }
    }

    /// Begins questions to providers that are held, whether or not there are slots.
    func beginLookUps(_ count: Int) {
        self.taken.increment(by: Double(count))
        self.state.withLock { $0.counts.beginLookUps(count) }
    }

    /// A provider was asked; messaging-service is to be told.
    func endLookUp() {
        self.taken.decrement(by: 1)
        self.change { $0.counts.endLookUp() }
    }

    /// One that is held and was not begun is not to be; messaging-service is to be told.
    func giveBack(isCode: Bool) {
        self.change { $0.counts.giveBack(isCode: isCode) }
    }

    /// Messaging-service knows what became of so many.
    func told(_ count: Int) {
        self.change { $0.counts.tell(count) }
    }

    // MARK: - The end of waiting

    /// Lets nobody wait any longer for whom it is too late.
    func dismiss(at now: ContinuousClock.Instant) {
        let late = self.state.withLock { state in
            let late = (Array(state.codes) + Array(state.others)).filter { $0.latest < now }
            guard !late.isEmpty else { return late }
            state.codes.removeAll { $0.latest < now }
            state.others.removeAll { $0.latest < now }
            return late
        }
        for waiter in late { waiter.continuation.resume(returning: .tooLate) }
    }

    /// Ends the waiting, now and for ever: nothing more is leased or begun.
    func close() {
        self.change { $0.isClosed = true }
    }

    /// Changes something, and wakes those whose turn it is then.
    private func change(_ change: (inout State) -> Void) {
        let (asker, woken, turn) = self.state.withLock { state in
            change(&state)
            if state.isClosed {
                let refused = Array(state.codes) + Array(state.others)
                (state.codes, state.others) = ([], [])
                return (state.asker.take(), refused, Turn.stopping)
            }
            var begun: [Waiter] = []
            while let next = self.next(in: &state) { begun.append(next) }
            let asker = state.counts.share == nil ? nil : state.asker.take()
            return (asker, begun, Turn.begun)
        }
        for waiter in woken { waiter.continuation.resume(returning: turn) }
        asker?.resume()
    }

    /// The first of those that wait, once there is a slot for it: codes before all others.
    private func next(in state: inout State) -> Waiter? {
        let isCode = !state.codes.isEmpty
        guard isCode || !state.others.isEmpty, state.counts.isFree(forCode: isCode) else { return nil }
        self.noteBegun(isCode, in: &state)
        return isCode ? state.codes.popFirst() : state.others.popFirst()
    }
}
