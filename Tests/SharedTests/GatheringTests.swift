import InternalAPI
import NIOCore
import NIOHTTP1
import Shared
import Testing

/// What is passed on together is read as it was written, and nothing else is.
struct GatheringTests {
    private static func create(_ number: Int, bytes: Int = 12) -> GatheredCreate {
        let isOdd = number % 2 == 1
        return GatheredCreate(
            acting: Acting(
                orgID: .new(),
                actor: "key:\(number)",
                mode: isOdd ? .test : .live,
                defaultRegion: isOdd ? nil : PhoneRegion(rawValue: "DE"),
                scheduleLead: .seconds(number)
            ),
            trace: RequestTrace(requestID: "r\(number)", traceParent: isOdd ? nil : "00-\(number)"),
            idempotencyKey: [nil, "", "ü\u{1}"][number % 3],
            body: ByteBuffer(repeating: UInt8(number), count: bytes)
        )
    }

    @Test(arguments: [0, 1, 2, 64])
    func createsAreReadAsTheyWereWritten(count: Int) throws {
        let creates = (0..<count).map { Self.create($0, bytes: $0 * 100) }
        #expect(try Gathering.creates(in: Gathering.bytes(of: creates)) == creates)
    }

    @Test(arguments: [0, 1, 2, 64])
    func answersAreReadAsTheyWereWritten(count: Int) throws {
        let answers = (0..<count).map { number in
            InternalAnswer(
                status: 200 + number,
                headers: number % 2 == 0 ? [:] : ["content-type": "a/b", "retry-after": "\(number)"],
                body: ByteBuffer(repeating: 7, count: number)
            )
        }
        let read = try Gathering.answers(in: Gathering.bytes(of: answers))
        #expect(read.map(\.status) == answers.map(\.status))
        #expect(read.map(\.headers) == answers.map(\.headers))
        #expect(read.map(\.body) == answers.map(\.body))
    }

    @Test func aPartOfACallIsNoCall() {
        let bytes = Gathering.bytes(of: [Self.create(2), Self.create(3)])
        let first = Gathering.bytes(of: [Self.create(2)]).readableBytes
        for length in 1..<bytes.readableBytes where length != first {
            let part = bytes.getSlice(at: 0, length: length) ?? ByteBuffer()
            #expect(throws: Gathering.Misfit.self, "\(length) bytes") { try Gathering.creates(in: part) }
        }
    }

    @Test func tooManyAndTooLargeOnesAreRefused() {
        let many = Gathering.bytes(of: (0...GatheredCreate.most).map { Self.create($0) })
        #expect(throws: Gathering.Misfit.self) { try Gathering.creates(in: many) }
        let large = Gathering.bytes(of: [Self.create(1, bytes: GatheredCreate.mostBodyBytes + 1)])
        #expect(throws: Gathering.Misfit.self) { try Gathering.creates(in: large) }
        let most = Gathering.bytes(of: [Self.create(1, bytes: GatheredCreate.mostBodyBytes)])
        #expect(throws: Never.self) { try Gathering.creates(in: most) }
    }

    /// A length of which no call has so much.
    @Test func aLengthWithoutItsBytesIsRefused() {
        var bytes = ByteBuffer()
        bytes.writeInteger(UInt32.max - 1)
        bytes.writeString("short")
        #expect(throws: Gathering.Misfit.self) { try Gathering.creates(in: bytes) }
        #expect(throws: Gathering.Misfit.self) { try Gathering.answers(in: bytes) }
    }
}
