import Testing

@testable import Chaos

/// One message that was created, taken and shown as read, and what happens to the verdict when a part of that is otherwise.
@Suite struct InvariantTests {
    private static let start = ContinuousClock.now

    private static func created(_ id: String, key: String? = nil, from: Int = 0, to: Int = 1)
        -> ClientLedger.Acknowledgement
    {
        .init(
            tenant: 1,
            key: key ?? "key of \(id)",
            id: id,
            channel: "whatsapp",
            recipient: "+4915110000000",
            firstSentAt: self.start + .seconds(from),
            acknowledgedAt: self.start + .seconds(to)
        )
    }

    private static func taken(_ id: String, by tenant: Int? = 1) -> Evidence.Taken {
        .init(id: id, channel: "whatsapp", tenant: tenant, unreadable: nil)
    }

    private static let inDoubt = Evidence.Message(
        tenant: 1,
        status: "failed",
        reason: "http-401",
        channel: "webhook",
        isInDoubt: true
    )

    /// Two messages of one conversation, one after the other, and two that a customer wrote.
    private static var sound: Evidence {
        var evidence = Evidence()
        evidence.acknowledged = [Self.created("m1"), Self.created("m2", from: 2, to: 3)]
        for id in ["m1", "m2"] {
            evidence.messages[id] = .init(tenant: 1, status: "read", reason: "", channel: "whatsapp")
            evidence.attempts[id] = ["read"]
        }
        evidence.taken = [Self.taken("m1"), Self.taken("m2")]
        evidence.written = [1: ["+1": ["1", "2"]]]
        evidence.received = evidence.written
        evidence.unread = [1: 2]
        evidence.drained = .seconds(1)
        return evidence
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let expected: Set<Invariant>
        let change: @Sendable (inout Evidence) -> Void

        init(_ what: String, _ expected: Set<Invariant>, _ change: @escaping @Sendable (inout Evidence) -> Void) {
            (self.testDescription, self.expected, self.change) = (what, expected, change)
        }
    }

    private static let cases: [Case] = [
        Case("nothing is wrong", []) { _ in },
        Case("an acknowledged message is gone, and was sent", [.nothingLost, .nothingPhantom]) {
            $0.messages["m1"] = nil
        },
        Case("an acknowledged message is gone, and was not sent", [.nothingLost]) {
            $0.messages["m1"] = nil
            $0.taken.removeFirst()
        },
        Case("a message that nobody was told of", [.nothingLost]) { $0.acknowledged.removeFirst() },
        Case("a message that has not ended", [.nothingLost, .statusesTrue, .drained]) {
            $0.messages["m1"] = .init(tenant: 1, status: "uncertain", reason: "", channel: "whatsapp")
            $0.outbox = ["m1"]
        },
        Case("a message that failed without a reason", [.nothingLost, .statusesTrue]) {
            $0.messages["m1"] = .init(tenant: 1, status: "failed", reason: "", channel: "whatsapp")
        },
        Case("a message that failed for a reason, and was not sent", []) {
            $0.messages["m1"] = .init(tenant: 1, status: "failed", reason: "131026", channel: "whatsapp")
            $0.taken.removeFirst()
            $0.attempts["m1"] = ["failed"]
        },
        Case("a message that failed for a reason, and was sent", [.statusesTrue]) {
            $0.messages["m1"] = .init(tenant: 1, status: "failed", reason: "131026", channel: "whatsapp")
        },
        Case("a message that failed in doubt, and was sent", []) {
            $0.messages["m1"] = Self.inDoubt
            $0.attempts["m1"] = ["uncertain", "failed"]
        },
        Case("a message that failed in doubt, and was not sent", []) {
            $0.messages["m1"] = Self.inDoubt
            $0.taken.removeFirst()
            $0.attempts["m1"] = ["uncertain", "failed"]
        },
        Case("a message that failed in doubt without an uncertain attempt", [.statusesTrue, .attemptsCounted]) {
            $0.messages["m1"] = Self.inDoubt
            $0.attempts["m1"] = ["failed"]
        },
        Case("a message that is shown as sent, and was not", [.statusesTrue, .attemptsCounted]) {
            $0.taken.removeFirst()
        },
        Case("a message that was sent twice without a reason", [.nothingDoubled, .resendsExplained, .attemptsCounted]) {
            $0.taken.append(Self.taken("m1"))
        },
        Case("a message that was sent again after an uncertain attempt", [.nothingDoubled, .attemptsCounted]) {
            $0.taken.append(Self.taken("m1"))
            $0.attempts["m1"] = ["uncertain", "read"]
        },
        Case("a reference that names nothing", [.nothingPhantom]) {
            $0.taken.append(.init(id: "m1", channel: "whatsapp", tenant: 1, unreadable: "what?"))
            $0.attempts["m1"] = ["uncertain", "read"]
            $0.taken.removeFirst()
            $0.taken.swapAt(0, 1)
        },
        Case("one key with two messages", [.oneMessageForAKey]) {
            $0.acknowledged = [Self.created("m1", key: "k"), Self.created("m2", key: "k", from: 2, to: 3)]
        },
        Case("two keys with one message", [.oneMessageForAKey, .nothingLost]) {
            $0.acknowledged = [Self.created("m1", key: "k"), Self.created("m1", key: "l", from: 2, to: 3)]
        },
        Case("a repeated create that was answered otherwise", [.oneMessageForAKey]) { $0.changed = ["key of m1"] },
        Case("the second before the first", [.inOrder]) { $0.taken.swapAt(0, 1) },
        Case("the second before the first, both created at once", []) {
            $0.taken.swapAt(0, 1)
            $0.acknowledged = [Self.created("m1", from: 0, to: 3), Self.created("m2", from: 2, to: 4)]
        },
        Case("another's account", [.nothingOfOthers]) { $0.taken[0] = Self.taken("m1", by: 2) },
        Case("nobody's account", [.nothingOfOthers]) { $0.taken[0] = Self.taken("m1", by: nil) },
        Case("shown to another", [.nothingOfOthers]) { $0.shownToOthers = ["m1"] },
        Case("an inbound message lost", [.inboundOnce]) { $0.received = [1: ["+1": ["1"]]] },
        Case("an inbound message doubled", [.inboundOnce]) { $0.received = [1: ["+1": ["1", "1", "2"]]] },
        Case("an effect of an inbound message doubled", [.inboundOnce]) { $0.unread = [1: 3] },
        Case("an inbound event that waits", [.drained]) { $0.inboxPending = 1 },
        Case("an inbound event that failed", [.inboundOnce]) { $0.inboxFailed = 1 },
        Case("a status behind its reports", [.statusesComplete]) {
            $0.messages["m1"] = .init(tenant: 1, status: "delivered", reason: "", channel: "whatsapp")
        },
        Case("a report that was never taken", [.statusesComplete]) { $0.callbacksLost = 1 },
        Case("an accepted attempt too few", [.attemptsCounted]) { $0.attempts["m1"] = ["uncertain"] },
        Case("a process that holds too much", [.withinCaps]) { $0.excesses = ["api-gateway has 300 MB"] },
        Case("an answer against the contract", [.answersAsPromised]) { $0.oddAnswers = ["500"] },
        Case("a broken index", [.databaseSound]) { $0.damages = ["index"] },
        Case("a process that ended by itself", [.noProcessEndedByItself]) { $0.faults = ["api-gateway ended"] },
        Case("something that never came to rest", [.drained]) { $0.drained = nil },
    ]

    @Test(arguments: Self.cases)
    func eachBreachIsNamed(_ one: Case) {
        var evidence = Self.sound
        one.change(&evidence)
        #expect(Set(evidence.breaches.map(\.invariant)) == one.expected, "\(evidence.breaches)")
    }

    @Test func everyInvariantIsBrokenByACase() {
        #expect(Set(Self.cases.flatMap(\.expected)) == Set(Invariant.allCases))
    }
}
