import Testing

@testable import OutboundWorker

@Suite(.timeLimit(.minutes(5))) struct PendingBatchTests {
    @Test func aBatchHoldsAllThatCameMeanwhileUpToItsLimit() async {
        let pending = PendingBatch<Int>(limit: 3)
        for number in 1...5 { pending.add(number) }
        #expect(await pending.next() == [1, 2, 3])
        pending.add(6)
        #expect(await pending.next() == [4, 5, 6])
        pending.finish()
        #expect(await pending.next() == nil)
    }

    @Test func whatWasAddedBeforeTheEndIsStillTaken() async {
        let pending = PendingBatch<Int>()
        pending.add(1)
        pending.finish()
        #expect(await pending.next() == [1])
        #expect(await pending.next() == nil)
    }

    @Test func nothingIsLostBetweenManyThatAddAndOneThatTakes() async {
        let pending = PendingBatch<Int>(limit: 7)
        async let taken = Self.all(of: pending)
        await withTaskGroup { adding in
            for number in 0..<1000 { adding.addTask { pending.add(number) } }
        }
        pending.finish()
        #expect(await taken.sorted() == Array(0..<1000))
    }

    private static func all(of pending: PendingBatch<Int>) async -> [Int] {
        var all: [Int] = []
        while let batch = await pending.next() { all += batch }
        return all
    }
}
