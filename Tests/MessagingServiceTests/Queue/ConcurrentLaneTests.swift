import InternalAPI
import Postgres
import Shared
import Synchronization
import TestSupport
import Testing

@testable import MessagingService

/// Few lanes, and many who create, send and cancel at the same time.
@Suite(.messaging, .timeLimit(.minutes(5))) struct ConcurrentLaneTests {
    private static let recipients = ["+15550000001", "+15550000002", "+15550000003"]
    private static let (creators, workers, rounds) = (4, 4, 25)
    private static let failure = ProviderError(code: "30008", detail: "Unknown error.")

    @Test func nothingIsStuckAndNothingOvertakes() async throws {
        let fixture = try MessagingFixture(conversations: .byRecipient)
        try await fixture.account(.sandbox)
        let record = Record()
        try await fixture.withTimers {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<Self.workers { group.addTask { try await Self.work(number, fixture, record) } }
                group.addTask { try await Self.watch(fixture) }
                try await Self.createAll(fixture)
                try await eventually { try await fixture.count("SELECT count(*) AS count FROM outbox") == 0 }
                group.cancelAll()
            }
        }
        #expect(record.violations == [])
        let statuses = try await fixture.rows("SELECT DISTINCT status::text FROM messages").map { row in
            try row.get("status", as: String.self)
        }
        #expect(Set(statuses).isSubset(of: ["sent", "failed", "cancelled"]))
        #expect(try await fixture.count("SELECT count(*) AS count FROM messages") == Self.creators * Self.rounds * 2)
        let busy = try await fixture.count("SELECT count(*) AS count FROM lanes WHERE head IS NOT NULL OR waiting <> 0")
        #expect(busy == 0)
        // As many places were given as messages came: none steps aside, for all waits are over at once.
        let places = try await fixture.row("SELECT sum(next_place)::bigint AS count FROM lanes").get(
            "count",
            as: Int.self
        )
        #expect(places == Self.creators * Self.rounds * 2)
        #expect(try await fixture.mendLanes() == 0)
    }

    /// Each creator sends two messages in a batch to one recipient after the other, and sometimes cancels one of them.
    private static func createAll(_ fixture: MessagingFixture) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for creator in 0..<Self.creators {
                group.addTask {
                    for round in 0..<Self.rounds {
                        let recipient = Self.recipients[(creator + round) % Self.recipients.count]
                        let requests = try (0..<2).map { part in
                            let body = "\(creator) \(round * 2 + part)"
                            let retry: JSONObject = ["retry": ["delays": ["0s", "0s", "0s"]]]
                            return try fixture.request(MessagingFixture.message(body, to: recipient, retry))
                        }
                        let ids = try await fixture.create(requests).map { try MessagingFixture.id(in: try $0.get()) }
                        if round % 5 == 0 { try await fixture.act(.cancel, on: ids[round % 2]) }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// Leases and tells until it is cancelled: most are accepted, some fail once or twice, some for good.
    private static func work(_ number: Int, _ fixture: MessagingFixture, _ record: Record) async throws {
        let worker = MessagingAPI.WorkerIdentity(name: "w\(number)", incarnation: 1)
        while !Task.isCancelled {
            do {
                for lease in try await fixture.ask(slots: 3, waitMilliseconds: 20, worker: worker).leases {
                    record.begin(lease)
                    await Task.yield()
                    let outcome = Self.outcome(of: lease)
                    record.end(lease, isAccepted: outcome == .accepted(providerMessageID: "SM"))
                    try await fixture.tell(outcome, of: lease)
                }
            } catch {
                guard Task.isCancelled else { throw error }
            }
        }
    }

    private static func outcome(of lease: MessagingAPI.Lease) -> SendOutcome {
        let number = lease.content.body.flatMap { $0.split(separator: " ").last }.flatMap { Int($0) } ?? 0
        if number % 7 == 3 { return .rejected(Self.failure) }
        if number % 3 == 1, lease.reference.number <= 2 { return .failedTransiently(Self.failure, retryAfter: nil) }
        return .accepted(providerMessageID: "SM")
    }

    /// Whenever it is looked, each lane has as many waiting as it says, and a head if there is anybody.
    private static func watch(_ fixture: MessagingFixture) async throws {
        while !Task.isCancelled {
            do {
                let broken = try await fixture.count(
                    """
                    SELECT count(*) AS count FROM lanes l
                     WHERE l.waiting <> (SELECT count(*) FROM outbox o WHERE o.org_id = l.org_id AND o.state = 'waiting'
                                            AND o.conversation_id = l.conversation_id AND o.urgent = l.urgent)
                        OR l.head IS DISTINCT FROM (
                           SELECT o.message_id FROM outbox o WHERE o.org_id = l.org_id AND o.state IN ('ready', 'leased')
                              AND o.conversation_id = l.conversation_id AND o.urgent = l.urgent)
                    """
                )
                #expect(broken == 0)
                try await Task.sleep(for: .milliseconds(5))
            } catch {
                guard Task.isCancelled else { throw error }
            }
        }
    }

    /// What the workers saw.
    private final class Record: Sendable {
        private struct State {
            var sending: [String: MessageID] = [:]
            var latest: [String: Int] = [:]
            var violations: [String] = []
        }

        private let state = Mutex(State())

        var violations: [String] { self.state.withLock { $0.violations } }

        func begin(_ lease: MessagingAPI.Lease) {
            self.state.withLock { state in
                if let other = state.sending[lease.to] {
                    state.violations.append("\(lease.messageID) beside \(other)")
                }
                state.sending[lease.to] = lease.messageID
                let (creator, number) = Self.place(of: lease)
                if number < state.latest[creator, default: -1] {
                    state.violations.append("\(creator): \(number) after \(state.latest[creator, default: -1])")
                }
            }
        }

        /// To be called before the outcome is told: the next may be leased in the moment after.
        func end(_ lease: MessagingAPI.Lease, isAccepted: Bool) {
            self.state.withLock { state in
                state.sending[lease.to] = nil
                let (creator, number) = Self.place(of: lease)
                if isAccepted { state.latest[creator] = max(number, state.latest[creator, default: -1]) }
            }
        }

        /// Of the messages of one creator to one recipient.
        private static func place(of lease: MessagingAPI.Lease) -> (creator: String, number: Int) {
            let words = (lease.content.body ?? "").split(separator: " ")
            return ("\(words.first ?? "") to \(lease.to)", words.last.flatMap { Int($0) } ?? 0)
        }
    }
}
