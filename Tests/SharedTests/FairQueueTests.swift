import Testing

@testable import Batching

@Suite struct FairQueueTests {
    /// Elements are tens of their lane and a number, in the order in which they come.
    private static func queue(_ elements: [Int], limit: Int = .max) -> (queue: FairQueue<Int>, refused: [Int]) {
        var queue = FairQueue<Int>()
        let refused = elements.compactMap { queue.append($0, to: $0 / 10, limit: limit) }
        return (queue, refused)
    }

    @Test(arguments: [
        ([], []),
        ([11, 12, 13], [11, 12, 13]),
        ([11, 12, 13, 14, 21, 31, 32], [11, 21, 31, 12, 32, 13, 14]),
        ([21, 11, 12, 22], [21, 11, 22, 12]),
    ])
    func lanesTakeTurns(elements: [Int], order: [Int]) {
        for size in 1...8 {
            var queue = Self.queue(elements).queue
            var taken: [Int] = []
            while !queue.isEmpty { taken += queue.take(upTo: size) }
            #expect(taken == order)
            #expect(queue.take(upTo: size).isEmpty)
        }
    }

    @Test func whoComesBackWaitsForTheOthersTurn() {
        var queue = Self.queue([11, 21, 31]).queue
        #expect(queue.take(upTo: 1) == [11])
        #expect(queue.append(12, to: 1, limit: .max) == nil)
        #expect(queue.take(upTo: 9) == [21, 31, 12])
    }

    @Test(arguments: [
        // All of one lane: the last to come.
        ([11, 12, 13, 14], 3, [14], [11, 12, 13]),
        // Another lane has its place in that of the newest.
        ([11, 12, 13, 21], 3, [13], [11, 21, 12]),
        ([11, 12, 13, 14, 21, 22], 4, [14, 13], [11, 21, 12, 22]),
        // To change places with one that has one more would change nothing.
        ([11, 12, 21, 22], 3, [22], [11, 21, 12]),
        ([11, 21, 31, 41, 12], 3, [41, 12], [11, 21, 31]),
        ([11], 0, [11], []),
    ])
    func whereMoreComeThanMayWaitTheLongestLaneGivesWay(
        elements: [Int],
        limit: Int,
        refused: [Int],
        rest: [Int]
    ) {
        var (queue, given) = Self.queue(elements, limit: limit)
        #expect(given == refused)
        #expect(queue.count == rest.count)
        #expect(queue.take(upTo: .max) == rest)
    }

    @Test func whetherThereIsAPlaceIsKnownBefore() {
        for elements in [[], [11], [11, 12], [11, 21], [11, 12, 13], [11, 12, 21], [11, 21, 31]] {
            for lane in 1...4 {
                var queue = Self.queue(elements).queue
                let hasPlace = queue.hasPlace(in: lane, limit: 3)
                #expect(hasPlace == (queue.append(99, to: lane, limit: 3) != 99))
            }
        }
    }
}
