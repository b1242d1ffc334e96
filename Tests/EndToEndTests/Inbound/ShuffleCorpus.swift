import Shared
import TestSupport

/// Everything that providers tell of in a few hours, as the seed says.
///
/// Where the order in which events arrive legitimately counts, there is nothing to compare; so these do not occur here:
/// - Twilio says no time of an SMS, so of two keywords of a sender the one that arrives last decides: each sender has one.
/// - SendGrid says no time of a mail, so a customer keeps the name in the mail that arrives first: one of each sender has one.
/// - Who writes under a number at first and under a user id later is two persons until a message has both: here a user id is
///   in every message of its person, and those persons write by WhatsApp only.
/// - A message that failed is not delivered as well: whether the failure is worth an entry in the timeline depends on what was
///   known when it came. Nor does it fail in a way that is tried again, which would send it once more.
/// - A sender's keyword is answered once a minute, whichever of its messages came first: here it comes once.
struct ShuffleCorpus {
    /// Messages that were sent before, by the references that they were sent with.
    let whatsApp: Int
    let sms: Int
    private(set) var events: [ShuffleEvent] = []
    var random = SeededGenerator(purpose: 1)
    private var reports: [ShuffleEvent.Payload]
    let persons: Int
    /// Keywords by sender, and senders of mails with a name, so that none has one twice.
    var said: Set<String> = []

    init(count: Int) {
        self.whatsApp = count / 8
        self.sms = count / 40
        self.persons = max(count / 25, 20)
        self.reports = []
        self.reports = self.expectedReports().reversed()
        while self.events.count < count { self.addBurst(upTo: count) }
    }

    /// When the next event happened, in seconds: of two each, to have the same.
    var seconds: Int64 { Self.start.microseconds / 1_000_000 + Int64(self.events.count / 2) }

    /// A few hours ago, so that what providers say differs from the times at which we store it.
    static let start = Timestamp.now - .seconds(4 * 3600)

    var number: Int { self.events.count }

    static func phone(_ person: Int) -> String { "1415\(5_550_000 + person)" }

    /// Those who show a user id; nothing is sent to them, and they send no SMS.
    static func hasUserID(_ person: Int) -> Bool { person.isMultiple(of: 10) }

    static func recipient(_ number: Int, of persons: Int) -> String {
        let person = number % persons
        return self.phone(self.hasUserID(person) ? person + 1 : person)
    }

    mutating func anyPerson() -> Int { Int.random(in: 0..<self.persons, using: &self.random) }

    /// Events of one provider that follow each other.
    private mutating func addBurst(upTo count: Int) {
        let kind = Int.random(in: 0..<100, using: &self.random)
        let size = Int.random(in: 1...20, using: &self.random)
        for _ in 0..<min(size, count - self.events.count) {
            let payload: ShuffleEvent.Payload =
                switch kind {
                case 0..<45: self.metaMessage()
                case 45..<72: self.reports.popLast() ?? self.unknownReport()
                case 72..<82: self.text()
                case 82..<89: self.mailEvent()
                case 89..<92: self.mail()
                default: self.hook()
                }
            self.events.append(ShuffleEvent(payload: payload))
        }
    }

    /// What is said of the messages that were sent, each in its order.
    private mutating func expectedReports() -> [ShuffleEvent.Payload] {
        var reports: [(place: Int, payload: ShuffleEvent.Payload)] = []
        for number in 0..<self.whatsApp {
            let courses = [
                ["sent", "delivered", "read"], ["sent", "delivered"], ["delivered", "read", "played"],
                ["sent", "failed"],
                ["failed"], ["sent", "delivered", "deleted"],
            ]
            var place = number
            for status in courses[number % courses.count] {
                reports.append((place, self.status(status, of: "wa-\(number)", at: Int64(place))))
                place += Int.random(in: 0...40, using: &self.random)
            }
        }
        for number in 0..<self.sms {
            let courses = [["sent", "delivered"], ["sent", "undelivered"], ["delivered"]]
            for (step, status) in courses[number % courses.count].enumerated() {
                reports.append((number * 5 + step, self.smsStatus(status, of: "sms-\(number)")))
            }
        }
        return reports.enumerated().sorted { ($0.element.place, $0.offset) < ($1.element.place, $1.offset) }
            .map(\.element.payload)
    }
}
