import DequeModule
import Metrics
import Synchronization

/// What the worker has in its hands: messages that wait for a slot, those that are being sent, and those nobody was told of.
///
/// A slot is taken while an attempt is made or a provider is asked, and free as soon as that has ended: what messaging-service
/// is told meanwhile takes none. A few more messages are asked for than slots are free, so that the next ones are there when
/// those that are being sent have ended. One-time codes begin first, and have the last slots to themselves (`SlotShare`).
final class Slots: Sendable {
    /// Ends that nobody was told of, beyond which nothing more is leased: two full calls.
    static let mostUntold = 2 * HandOver.limit
    /// What one question may ask for.
    static let mostAsked = 1000

    private struct State {
        /// Leased, and not begun.
        var waiting = 0
        var begun = 0
        /// Ended, and messaging-service does not know.
        var untold = 0
        /// Ended since work was asked for the last time.
        var endedSinceAsked = 0
        /// How many end between two questions, by the latest ones: what began together ends together.
        var endsPerQuestion = 0
        var isClosed = false
        /// There is one waiting caller at most: the dispatcher's loop.
        var asker: CheckedContinuation<Void, Never>?
        var urgent: Deque<CheckedContinuation<Bool, Never>> = []
        var ordinary: Deque<CheckedContinuation<Bool, Never>> = []
    }

    /// All of them, free or not.
    let count: Int
    private let reserve: Int
    private let state: Mutex<State>
    private let taken = Meter(label: "herald_worker_slots_taken")

    init(count: Int) {
        self.count = count
        self.reserve = SlotShare.reserve(of: count)
        self.state = Mutex(State())
        Gauge(label: "herald_worker_slots").record(count)
    }

    /// Whether most of them are free: then there is no hurry, and a call may wait until it has more to carry.
    var areMostlyFree: Bool { self.state.withLock { $0.begun + $0.waiting < (self.count + 1) / 2 } }

    /// How many are held and wait for a slot.
    var waitingToBegin: Int { self.state.withLock { $0.urgent.count + $0.ordinary.count } }

    /// Nothing more is to be begun.
    var isClosed: Bool { self.state.withLock { $0.isClosed } }

    // MARK: - Asking for work

    /// Waits until more can be held.
    ///
    /// - Returns: how many messages to ask for, and which; nil once closed.
    func share() async -> SlotShare? {
        while true {
            let (room, isClosed) = self.state.withLock { state in
                let room = self.room(state)
                if room > 0 {
                    state.endsPerQuestion = max(state.endedSinceAsked, state.endsPerQuestion * 7 / 8)
                    state.endedSinceAsked = 0
                }
                return (room, state.isClosed)
            }
            if isClosed { return nil }
            if room > 0 { return SlotShare(free: min(room, Self.mostAsked), of: self.count) }
            await withCheckedContinuation { continuation in
                let mayGoOn = self.state.withLock { state in
                    guard self.room(state) <= 0, !state.isClosed else { return true }
                    state.asker = continuation
                    return false
                }
                if mayGoOn { continuation.resume() }
            }
        }
    }

    /// As many as slots are free, and as many as will be: what ended since the last question ends again until this one is
    /// answered, and once more until the next one is.
    private func room(_ state: State) -> Int {
        let soonFree = min(2 * max(state.endedSinceAsked, state.endsPerQuestion * 7 / 8), self.count)
        return min(self.count - state.begun - state.waiting + soonFree, Self.mostUntold - state.untold)
    }

    /// Takes in messages and questions that an answer brought; each begins, or is given back.
    func hold(_ count: Int) {
        self.state.withLock { $0.waiting += count }
        self.taken.increment(by: Double(count))
    }

    // MARK: - Sending

    /// Takes a slot for one of those that are held, once it is its turn.
    ///
    /// - Returns: false when nothing more is to be begun; it is held as before.
    func begin(isUrgent: Bool) async -> Bool {
        if let mayBegin = self.state.withLock({ self.answer(isUrgent, in: &$0) }) { return mayBegin }
        return await withCheckedContinuation { continuation in
            let mayBegin: Bool? = self.state.withLock { state in
                if let mayBegin = self.answer(isUrgent, in: &state) { return mayBegin }
                if isUrgent { state.urgent.append(continuation) } else { state.ordinary.append(continuation) }
                return nil
            }
            if let mayBegin { continuation.resume(returning: mayBegin) }
        }
    }

    /// Nil when it has to wait.
    private func answer(_ isUrgent: Bool, in state: inout State) -> Bool? {
        if state.isClosed { return false }
        guard self.count - state.begun > (isUrgent ? 0 : self.reserve) else { return nil }
        // Who waits already comes first.
        guard state.urgent.isEmpty, isUrgent || state.ordinary.isEmpty else { return nil }
        state.waiting -= 1
        state.begun += 1
        return true
    }

    /// Takes a slot for each of so many that are held, whether or not there is one.
    func beginAtOnce(_ count: Int) {
        self.state.withLock { state in
            state.waiting -= count
            state.begun += count
        }
    }

    /// Frees the slot of one that was begun; messaging-service is to be told.
    func end() {
        self.change { state in
            state.begun -= 1
            state.untold += 1
            state.endedSinceAsked += 1
        }
    }

    /// Those that are held and were not begun are not to be; messaging-service is to be told.
    func giveBack(_ count: Int) {
        self.change { state in
            state.waiting -= count
            state.untold += count
        }
    }

    /// Messaging-service knows what became of so many.
    func told(_ count: Int) {
        self.taken.decrement(by: Double(count))
        self.change { $0.untold -= count }
    }

    /// Ends the waiting, now and for ever: nothing more is leased or begun.
    func close() {
        self.change { $0.isClosed = true }
    }

    /// Changes something, and wakes those whose turn it is then.
    private func change(_ change: (inout State) -> Void) {
        let (asker, begun, refused) = self.state.withLock { state in
            change(&state)
            var begun: [CheckedContinuation<Bool, Never>] = []
            if state.isClosed {
                let refused = Array(state.urgent) + Array(state.ordinary)
                (state.urgent, state.ordinary) = ([], [])
                return (state.asker.take(), begun, refused)
            }
            while let next = self.next(in: &state) { begun.append(next) }
            let asker = self.room(state) > 0 ? state.asker.take() : nil
            return (asker, begun, [])
        }
        for continuation in begun { continuation.resume(returning: true) }
        for continuation in refused { continuation.resume(returning: false) }
        asker?.resume()
    }

    private func next(in state: inout State) -> CheckedContinuation<Bool, Never>? {
        let free = self.count - state.begun
        let next = free > 0 ? state.urgent.popFirst() : nil
        guard let next = next ?? (free > self.reserve ? state.ordinary.popFirst() : nil) else { return nil }
        state.waiting -= 1
        state.begun += 1
        return next
    }
}
