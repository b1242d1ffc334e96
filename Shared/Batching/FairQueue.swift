import DequeModule

/// What waits, in lanes that take turns: who sends much waits behind what they sent themselves.
struct FairQueue<Element> {
    private var lanes: [Int: Deque<Element>] = [:]
    /// Those in which something waits, the next one first.
    private var turns: Deque<Int> = []
    private(set) var count = 0

    var isEmpty: Bool { self.count == 0 }

    /// Adds an element where fewer than `limit` wait, or in the place of the newest of the longest lane, where that is longer than
    /// this one would become.
    ///
    /// - Returns: what has no place now: the element itself, or another.
    mutating func append(_ element: Element, to lane: Int, limit: Int) -> Element? {
        var displaced: Element?
        if self.count >= limit {
            guard let longest = self.longestLane(besides: lane) else { return element }
            displaced = self.lanes[longest]?.popLast()
            self.count -= 1
        }
        if self.lanes[lane]?.append(element) == nil {
            self.lanes[lane] = [element]
            self.turns.append(lane)
        }
        self.count += 1
        return displaced
    }

    /// Whether an element of this lane would get a place.
    func hasPlace(in lane: Int, limit: Int) -> Bool {
        if self.count < limit { return true }
        let own = self.lanes[lane]?.count ?? 0
        return self.lanes.values.contains { $0.count > own + 1 }
    }

    /// Takes the oldest of each lane in turn.
    mutating func take(upTo limit: Int) -> [Element] {
        var taken: [Element] = []
        taken.reserveCapacity(min(limit, self.count))
        while taken.count < limit, let lane = self.turns.popFirst() {
            if let element = self.lanes[lane]?.popFirst() { taken.append(element) }
            if self.lanes[lane]?.isEmpty == false {
                self.turns.append(lane)
            } else {
                self.lanes[lane] = nil
            }
        }
        self.count -= taken.count
        return taken
    }

    /// The longest lane, where it is longer than `lane` would be with one more.
    private func longestLane(besides lane: Int) -> Int? {
        let own = self.lanes[lane]?.count ?? 0
        let longest = self.lanes.max { $0.value.count < $1.value.count }
        return longest.flatMap { $0.value.count > own + 1 ? $0.key : nil }
    }
}
