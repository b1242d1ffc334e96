import InternalAPI
import Shared
import Testing

@testable import OutboundWorker

struct JournalReplayTests {
    private static let keys = (1...4).map { MessagingAPI.AttemptKey.test($0) }

    /// 1 is told, 2 ended, 3 began, 4 failed and its end was journaled twice.
    private static let records: [JournalRecord] = [
        .header(.test),
        .intent(keys[0], startedAt: .now),
        .intent(keys[1], startedAt: .now),
        .outcome(.test(keys[0])),
        .intent(keys[2], startedAt: .now),
        .done(keys[0]),
        .outcome(.test(keys[1])),
        .intent(keys[3], startedAt: .now),
        .outcome(.test(keys[3], .rejected(ProviderError(code: "21211", detail: "No.")))),
        .outcome(.test(keys[3], .rejected(ProviderError(code: "21211", detail: "No.")))),
    ]

    @Test func whatIsOutstandingIsFound() throws {
        let replay = JournalReplay(of: try Self.bytes(Self.records), owner: .test)
        #expect(replay.condition == .intact)
        #expect(replay.outcomes.map(\.key) == [Self.keys[1], Self.keys[3]])
        #expect(replay.uncertain == [Self.keys[2]])
    }

    /// A process that dies leaves a prefix: each one tells exactly of the records that are whole in it.
    @Test func everyPrefixTellsOfItsWholeRecords() throws {
        let frames = try Self.records.map { try $0.frame() }
        let bytes = frames.flatMap(\.self)
        var end = 0
        let ends = frames.map { frame in
            end += frame.count
            return end
        }
        for cut in 0...bytes.count {
            let replay = JournalReplay(of: Array(bytes.prefix(cut)), owner: .test)
            let whole = zip(Self.records, ends).filter { $0.1 <= cut }.map(\.0)
            // Without a whole header nobody knows whose it is.
            let withoutHeader: JournalReplay.Loss = cut == 0 ? .absent : .damaged
            #expect(replay.loss == (whole.isEmpty ? withoutHeader : nil), "\(cut)")
            #expect(replay.outcomes == Self.outcomes(of: whole), "\(cut)")
            #expect(replay.uncertain == Self.uncertain(of: whole), "\(cut)")
        }
    }

    /// One changed bit anywhere: the journal is lost, what it still tells is true, and no other record suffers.
    @Test func everyChangedByteIsNoticed() throws {
        let frames = try Self.records.map { try $0.frame() }
        let bytes = frames.flatMap(\.self)
        var start = 0
        for (index, frame) in frames.enumerated() {
            var others = Self.records
            others.remove(at: index)
            for position in start..<start + frame.count {
                var changed = bytes
                changed[position] ^= 1 << UInt8(position % 8)
                let replay = JournalReplay(of: changed, owner: .test)
                #expect(replay.loss == .damaged, "byte \(position)")
                #expect(replay.outcomes == Self.outcomes(of: others), "byte \(position)")
                #expect(replay.uncertain == Self.uncertain(of: others), "byte \(position)")
            }
            start += frame.count
        }
    }

    @Test(arguments: [[0], [1, 2, 3, 4, 5, 6, 7, 8, 9], Array(repeating: 0xFF, count: 100)] as [[UInt8]])
    func strangeBytesBetweenRecordsLoseTheJournalOnly(_ strange: [UInt8]) throws {
        let bytes =
            try Self.bytes(Array(Self.records.prefix(3))) + strange + Self.bytes(Array(Self.records.dropFirst(3)))
        let replay = JournalReplay(of: bytes, owner: .test)
        #expect(replay.loss == .damaged)
        #expect(replay.outcomes.map(\.key) == [Self.keys[1], Self.keys[3]])
        #expect(replay.uncertain == [Self.keys[2]])
    }

    @Test(
        arguments: [
            (.header(JournalOwner(worker: "test-1", bootID: "another")), .otherBoot),
            (.header(JournalOwner(worker: "test-1", bootID: "")), .otherBoot),
            (.header(JournalOwner(worker: "test-2", bootID: JournalOwner.test.bootID)), .otherWorker),
            (.unknownHeader(version: 2), .otherVersion),
            (.done(.test()), .damaged),
        ] as [(JournalRecord, JournalReplay.Loss)]
    )
    func aJournalOfAnotherLifeIsLostButItsOutcomesAreTrue(_ first: JournalRecord, _ loss: JournalReplay.Loss) throws {
        let replay = JournalReplay(of: try Self.bytes([first] + Self.records.dropFirst()), owner: .test)
        #expect(replay.loss == loss)
        #expect(replay.condition == .lost)
        #expect(replay.outcomes.map(\.key) == [Self.keys[1], Self.keys[3]])
        #expect(replay.uncertain == [Self.keys[2]])
    }

    @Test func aBootThatCanNotBeReadIsRecognizedByNoJournal() throws {
        let owner = JournalOwner(worker: "test-1", bootID: "")
        #expect(JournalReplay(of: try Self.bytes([.header(owner)]), owner: owner).loss == .otherBoot)
    }

    @Test func aSecondHeaderIsDamage() throws {
        let replay = JournalReplay(of: try Self.bytes(Self.records + [.header(.test)]), owner: .test)
        #expect(replay.loss == .damaged)
    }

    @Test func noFileIsALostJournalOfNothing() {
        let replay = JournalReplay(of: [], owner: .test)
        #expect(replay.loss == .absent)
        #expect(replay.condition == .lost)
        #expect(replay.outcomes.isEmpty && replay.uncertain.isEmpty)
    }

    private static func bytes(_ records: [JournalRecord]) throws -> [UInt8] {
        try records.flatMap { try $0.frame() }
    }

    /// In the order in which the attempts appear.
    private static func outcomes(of records: [JournalRecord]) -> [MessagingAPI.AttemptOutcome] {
        self.order(of: records).compactMap { key in
            records.reduce(nil) { last, record in
                switch record {
                case .outcome(let outcome) where outcome.key == key: outcome
                case .done(key): nil
                case .outcome, .done, .header, .unknownHeader, .intent: last
                }
            }
        }
    }

    private static func uncertain(of records: [JournalRecord]) -> [MessagingAPI.AttemptKey] {
        self.order(of: records).filter { key in
            records.reduce(false) { last, record in
                switch record {
                case .intent(key, _): true
                case .outcome(let outcome) where outcome.key == key: false
                case .done(key): false
                case .outcome, .done, .header, .unknownHeader, .intent: last
                }
            }
        }
    }

    private static func order(of records: [JournalRecord]) -> [MessagingAPI.AttemptKey] {
        var order: [MessagingAPI.AttemptKey] = []
        for record in records {
            let key: MessagingAPI.AttemptKey? =
                switch record {
                case .intent(let key, _), .done(let key): key
                case .outcome(let outcome): outcome.key
                case .header, .unknownHeader: nil
                }
            if let key, !order.contains(key) { order.append(key) }
        }
        return order
    }
}
