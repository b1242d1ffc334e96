/// How many of a worker's messages stand where, and what follows from that; a value without any waiting.
struct SlotCounts: Sendable {
    /// Ends that nobody was told of, beyond which nothing more is leased: two full calls.
    static let mostUntold = 2 * HandOver.limit
    /// What one question may ask for.
    static let mostAsked = 1000
    /// While attempts take longer than this nothing is asked for ahead: what waits begins after about one attempt, and what was
    /// decided about it must not be old then.
    static let soon: Duration = .milliseconds(250)

    /// All slots, free or not.
    let count: Int
    private let reserve: Int
    /// Leased, and not begun: of them so many codes.
    private var waiting = 0
    private var waitingCodes = 0
    private var begun = 0
    /// Questions to providers: they begin at once, and take slots of messages that are no codes.
    private var lookUps = 0
    /// Ended, and messaging-service does not know.
    private var untold = 0
    /// Attempts that ended since work was asked for the last time.
    private var endedSinceAsked = 0
    /// How many end between two questions, by the latest ones: what began together ends together.
    private var endsPerQuestion = 0
    /// How long the latest attempts took.
    private var usual: Duration = .zero
    /// When work was asked for the last time.
    private var askedAt: ContinuousClock.Instant?

    init(count: Int) {
        self.count = count
        self.reserve = SlotShare.reserve(of: count)
    }

    var areMostlyFree: Bool { self.begun + self.lookUps + self.waiting < (self.count + 1) / 2 }

    /// What to ask for; nil when there is room for nothing.
    var share: SlotShare? {
        let tellable = min(Self.mostUntold - self.untold, Self.mostAsked)
        let free = self.count - self.reserve - self.begun - self.lookUps - self.waiting
        let any = min(free + self.soonFree, tellable)
        if any > 0 { return SlotShare(any: any, urgent: 0) }
        let urgent = min(self.count - self.begun - self.waitingCodes, tellable)
        return urgent > 0 ? SlotShare(any: 0, urgent: urgent) : nil
    }

    /// What ended since the last question ends again until this one is answered, and once more until the next one is.
    private var soonFree: Int {
        guard self.usual <= Self.soon else { return 0 }
        return min(2 * max(self.endedSinceAsked, self.endsPerQuestion * 7 / 8), self.count)
    }

    func isFree(forCode isCode: Bool) -> Bool {
        self.count - self.begun > (isCode ? 0 : self.reserve + self.lookUps)
    }

    mutating func ask(at now: ContinuousClock.Instant) {
        self.endsPerQuestion = max(self.endedSinceAsked, self.endsPerQuestion * 7 / 8)
        self.endedSinceAsked = 0
        self.askedAt = now
    }

    /// What ended since a question that waited long says nothing of the next one.
    mutating func forget(at now: ContinuousClock.Instant) {
        guard let askedAt, askedAt + Self.soon < now else { return }
        (self.endedSinceAsked, self.endsPerQuestion) = (0, 0)
    }

    /// - Returns: whether some of them have to wait for a slot.
    mutating func hold(_ count: Int, codes: Int) -> Bool {
        self.waiting += count
        self.waitingCodes += codes
        return self.begun + self.lookUps + self.waiting > self.count - self.reserve
    }

    mutating func begin(isCode: Bool) {
        self.stopWaiting(isCode: isCode)
        self.begun += 1
    }

    mutating func beginLookUps(_ count: Int) {
        self.waiting -= count
        self.lookUps += count
    }

    mutating func end(after time: Duration?) {
        self.begun -= 1
        self.untold += 1
        guard let time else { return }
        self.endedSinceAsked += 1
        self.usual += (time - self.usual) / 8
    }

    mutating func endLookUp() {
        self.lookUps -= 1
        self.untold += 1
    }

    mutating func giveBack(isCode: Bool) {
        self.stopWaiting(isCode: isCode)
        self.untold += 1
    }

    mutating func tell(_ count: Int) { self.untold -= count }

    private mutating func stopWaiting(isCode: Bool) {
        self.waiting -= 1
        if isCode { self.waitingCodes -= 1 }
    }
}
