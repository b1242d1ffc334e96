import InternalAPI
import Shared
import Testing

@testable import OutboundWorker

struct JournalRecordTests {
    private static let error = ProviderError(code: "131026", detail: "Not “there”.\n", response: #"{"a":"b"}"#)
    private static let outcomes: [SendOutcome] = [
        .accepted(providerMessageID: "wamid.HBgM"),
        .throttled(error, retryAfter: .milliseconds(1500), scope: .recipient),
        .throttled(error, retryAfter: nil, scope: .account),
        .failedTransiently(error, retryAfter: .seconds(86_400)),
        .rejected(error),
        .accountBlocked(ProviderError(code: "x", detail: "y")),
        .uncertain(error),
    ]

    static let records: [JournalRecord] =
        [
            .header(.test),
            .header(JournalOwner(worker: "wörker-1000", bootID: "")),
            .unknownHeader(version: 2),
            .intent(.test(), startedAt: Timestamp(microseconds: 1_795_255_200_123_456)),
            .intent(.test(.max), startedAt: Timestamp(microseconds: -1)),
            .done(.test(70_000)),
        ] + outcomes.map { .outcome(.test(.test(), $0)) }

    @Test(arguments: records) func aRecordIsReadAsItWasWritten(_ record: JournalRecord) throws {
        let frame = try record.frame()
        guard case .whole(let content, let end) = JournalFrame.read(frame, at: 0) else {
            Issue.record("no whole frame")
            return
        }
        #expect(end == frame.count)
        #expect(JournalRecord(content) == record)
    }

    /// Journals outlive the program that wrote them: another layout is another version.
    @Test func theLayoutStaysAsItIs() throws {
        let messageID = try #require(MessageID("10111213-1415-1617-1819-1a1b1c1d1e1f"))
        let key = MessagingAPI.AttemptKey(
            orgID: try #require(OrgID("00010203-0405-0607-0809-0a0b0c0d0e0f")),
            reference: AttemptReference(messageID: messageID, number: 2)
        )
        let frame = try JournalRecord.intent(key, startedAt: Timestamp(microseconds: 258)).frame()
        var content: [UInt8] = [2]
        content += (0...15).reversed()
        content += (16...31).reversed()
        content += [2, 0, 0, 0, 0, 0, 0, 0]
        content += [2, 1, 0, 0, 0, 0, 0, 0]
        #expect(Array(frame.prefix(4)) == [49, 0, 0, 0])
        #expect(Array(frame.dropFirst(JournalFrame.headBytes)) == content)
    }

    @Test func theChecksumIsCRC32() {
        #expect(JournalChecksum.of(Array("123456789".utf8)) == 0xCBF4_3926)
    }

    @Test(
        arguments: [
            [], [0], [5], [2, 1], [4] + Array(repeating: 0, count: 40), [3] + Array("{}".utf8), [1],
            [1, 1, 0, 255, 255],
        ] as [[UInt8]]
    ) func whatIsNoRecordIsNotRead(_ content: [UInt8]) {
        #expect(JournalRecord(content[...]) == nil)
    }

    @Test func aRecordWithMoreBytesThanItsOwnIsNone() throws {
        let frame = try JournalRecord.done(.test()).frame()
        #expect(JournalRecord(frame.dropFirst(JournalFrame.headBytes)) != nil)
        #expect(JournalRecord(frame.dropFirst(JournalFrame.headBytes) + [0]) == nil)
    }

    @Test(
        arguments: [
            (
                "longer than any",
                JournalFrame.bytes(of: Array(repeating: 1, count: JournalFrame.maximumRecordBytes + 1))
            ),
            ("empty", JournalFrame.bytes(of: [])), ("zeros", Array(repeating: 0, count: 12)),
        ] as [(String, [UInt8])]
    ) func aLengthThatCanNotBeIsDamage(_ name: String, _ bytes: [UInt8]) {
        #expect(JournalFrame.read(bytes, at: 0) == .damaged, "\(name)")
    }
}
