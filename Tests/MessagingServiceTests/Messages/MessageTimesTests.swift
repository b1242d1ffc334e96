import MessagingService
import Shared
import Testing

/// When a message may be sent, and until when.
@Suite struct MessageTimesTests {
    private static let now = Timestamp(microseconds: 1_790_000_000_000_000)
    private static let year = Duration.seconds(366 * 86_400)

    @Test(arguments: [
        // What its sender means by "now" may have been a moment ago.
        now - .seconds(5), now, now + .seconds(1), now + year,
    ])
    func aMessageMayBeScheduledWithinAYear(time: Timestamp) throws {
        #expect(try Self.read(["scheduled_at": .string("\(time)")]).scheduledAt == time)
    }

    @Test(arguments: [
        (now - .seconds(5) - .microseconds(1), "must not be in the past: leave it out to send at once"),
        (now - .seconds(86_400), "must not be in the past: leave it out to send at once"),
        (now + year + .microseconds(1), "must be within a year from now"),
    ])
    func anotherTimeIsRefusedWithASentence(time: Timestamp, detail: String) {
        let problem = #expect(throws: Problem.self) { try Self.read(["scheduled_at": .string("\(time)")]) }
        #expect(problem?.status == 422)
        #expect(problem?.violations == [.init(pointer: "/scheduled_at", detail: detail)])
    }

    @Test(arguments: [
        "2026-12-01T09:00:00", "2026-12-01", "2026-12-01 09:00", "2026-13-01T09:00:00Z", "2026-02-30T09:00:00Z",
        "2026-12-01T25:00:00Z", "tomorrow", "1790000000", "",
    ])
    func aTimeHasAZone(text: String) {
        for field in ["scheduled_at", "expires_at"] {
            let problem = #expect(throws: Problem.self) {
                try Self.read(.init(distinct: [.init(name: field, value: .string(text))]))
            }
            #expect(problem?.violations.map(\.pointer) == ["/\(field)"])
            #expect(problem?.detail?.contains("must be a time with a zone") == true)
        }
    }

    @Test func aNumberIsNoTime() {
        let problem = #expect(throws: Problem.self) { try Self.read(["scheduled_at": 1_790_000_000]) }
        #expect(problem?.violations.map(\.pointer) == ["/scheduled_at"])
    }

    /// When it expires and when it is scheduled, in seconds from now.
    @Test(arguments: [(0, nil), (-1, nil), (60, 60), (59, 60), (3600, 86_400)] as [(Int, Int?)])
    func whatExpiresBeforeItCouldBeSentIsRefused(expires: Int, scheduled: Int?) {
        let problem = #expect(throws: Problem.self) { try Self.read(Self.times(expires, scheduled)) }
        #expect(
            problem?.violations == [
                .init(pointer: "/expires_at", detail: "must be later than now, and than scheduled_at")
            ]
        )
    }

    @Test(arguments: [(1, nil), (61, 60), (86_400 * 400, nil)] as [(Int, Int?)])
    func whatExpiresLaterIsTaken(expires: Int, scheduled: Int?) throws {
        #expect(try Self.read(Self.times(expires, scheduled)).expiresAt == Self.now + .seconds(expires))
    }

    @Test func aScheduledMessageKeepsTheLeadAndOneThatIsSentAtOnceNeedsNone() throws {
        let lead = Duration.seconds(300)
        for (seconds, isTaken) in [(300, true), (301, true), (299, false), (0, false)] {
            let times: JSONObject = ["scheduled_at": .string("\(Self.now + .seconds(seconds))")]
            if isTaken {
                #expect(try Self.read(times, lead: lead).scheduledAt == Self.now + .seconds(seconds))
            } else {
                let problem = #expect(throws: Problem.self) { try Self.read(times, lead: lead) }
                #expect(problem?.violations.map(\.pointer) == ["/scheduled_at"], "\(seconds)")
            }
        }
        #expect(try Self.read([:], lead: lead).scheduledAt == nil)
    }

    private static func times(_ expires: Int, _ scheduled: Int?) -> JSONObject {
        var fields: JSONObject = ["expires_at": .string("\(Self.now + .seconds(expires))")]
        fields["scheduled_at"] = scheduled.map { .string("\(Self.now + .seconds($0))") }
        return fields
    }

    private static func read(_ times: JSONObject, lead: Duration = .zero) throws -> NewMessage {
        var message: JSONObject = ["to": "+14155550100", "channel": "sms", "body": "Hello"]
        for field in times.members { message[field.name] = field.value }
        var fields = JSONFields(.object(message), at: "")
        let read = NewMessage(&fields, now: Self.now, region: nil, lead: lead)
        try fields.finish()
        return read
    }
}
