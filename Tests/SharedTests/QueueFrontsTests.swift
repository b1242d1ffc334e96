import Shared
import Testing

/// Where looks at queues begin, and how often from the beginning.
@Suite struct QueueFrontsTests {
    private let start = ContinuousClock.now
    private let fronts = QueueFronts<String, Int>()

    /// A fiftieth of the time: what took 100 ms is done again 4.9 s after it, and what hung after half a minute.
    @Test(arguments: [(0, nil), (20, nil), (21, 1029), (100, 4900), (60_000, 30_000)] as [(Int, Int?)])
    func whatIsDearIsDoneSeldom(cost: Int, pause: Int?) {
        var pace = SparingPace()
        #expect(pace.allows(at: self.start))
        pace.spent(.milliseconds(cost), until: self.start)
        #expect(pace.nextAt == pause.map { self.start + .milliseconds($0) })
        #expect(pace.allows(at: self.start) == (pause == nil))
        #expect(pace.allows(at: self.start + .milliseconds(pause ?? 0)))
    }

    @Test func whatIsCheapIsLookedAtWholly() {
        #expect(self.fronts.front(of: "a", at: self.start) == nil)
        self.fronts.lookedWholly(at: "a", upTo: 5, for: SparingPace.free, until: self.start)
        #expect(self.fronts.front(of: "a", at: self.start) == nil)
        // A look that knew of no front tells nothing of one.
        self.fronts.looked(at: "a", upTo: 7)
        #expect(self.fronts.front(of: "a", at: self.start) == nil)
        #expect(self.fronts.wholeAt(of: "a") == nil)
    }

    @Test func whatIsDearIsLookedAtFromWhereTheLastLookEnded() {
        self.fronts.lookedWholly(at: "a", upTo: 5, for: .milliseconds(100), until: self.start)
        let wholeAt = self.start + .milliseconds(4900)
        #expect(self.fronts.front(of: "a", at: self.start) == 5)
        #expect(self.fronts.front(of: "b", at: self.start) == nil)
        self.fronts.looked(at: "a", upTo: 9)
        #expect(self.fronts.front(of: "a", at: wholeAt - .milliseconds(1)) == 9)
        #expect(self.fronts.wholeAt(of: "a") == wholeAt)
        // Then from the beginning, until it has become cheap.
        #expect(self.fronts.front(of: "a", at: wholeAt) == nil)
        self.fronts.lookedWholly(at: "a", upTo: 12, for: .milliseconds(50), until: wholeAt)
        #expect(self.fronts.front(of: "a", at: wholeAt) == 12)
        self.fronts.lookedWholly(at: "a", upTo: 14, for: .milliseconds(1), until: wholeAt)
        #expect(self.fronts.front(of: "a", at: wholeAt) == nil)
        #expect(self.fronts.wholeAt(of: "a") == nil)
    }

    /// A look from the beginning that hung must not keep all others from going on.
    @Test func aFailedLookIsNotRepeatedAtOnce() {
        self.fronts.failedWholly(at: "a", after: .seconds(5), until: self.start)
        #expect(self.fronts.front(of: "a", at: self.start) == nil)
        self.fronts.lookedWholly(at: "a", upTo: 5, for: .milliseconds(100), until: self.start)
        let wholeAt = self.start + .milliseconds(4900)
        self.fronts.failedWholly(at: "a", after: .seconds(5), until: wholeAt)
        #expect(self.fronts.front(of: "a", at: wholeAt) == 5)
        #expect(self.fronts.front(of: "a", at: wholeAt + .seconds(30)) == nil)
    }
}
