import Shared

/// What happens next, and the time: it stands still while something happens, and jumps to the next.
struct Agenda {
    private struct Entry {
        let time: Timestamp
        /// Of two at the same time the one that was planned first comes first.
        let turn: Int
        let work: () -> Void

        func comes(before other: Entry) -> Bool {
            self.time == other.time ? self.turn < other.turn : self.time < other.time
        }
    }

    private(set) var now: Timestamp
    private var turns = 0
    /// A heap, the first at the root.
    private var entries: [Entry] = []

    init(now: Timestamp) {
        self.now = now
    }

    /// Plans something; what should have happened in the past happens now.
    mutating func add(at time: Timestamp, _ work: @escaping () -> Void) {
        self.turns += 1
        var place = self.entries.count
        let entry = Entry(time: max(time, self.now), turn: self.turns, work: work)
        self.entries.append(entry)
        while place > 0, entry.comes(before: self.entries[(place - 1) / 2]) {
            self.entries[place] = self.entries[(place - 1) / 2]
            place = (place - 1) / 2
        }
        self.entries[place] = entry
    }

    /// Goes to the time of the next thing, and takes it out; nil when there is none.
    mutating func takeNext() -> (() -> Void)? {
        guard let first = self.entries.first, let last = self.entries.popLast() else { return nil }
        self.now = first.time
        guard !self.entries.isEmpty else { return first.work }
        var place = 0
        while true {
            var child = 2 * place + 1
            guard child < self.entries.count else { break }
            if child + 1 < self.entries.count, self.entries[child + 1].comes(before: self.entries[child]) { child += 1 }
            guard self.entries[child].comes(before: last) else { break }
            self.entries[place] = self.entries[child]
            place = child
        }
        self.entries[place] = last
        return first.work
    }
}
