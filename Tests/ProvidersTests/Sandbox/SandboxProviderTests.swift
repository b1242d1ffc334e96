import Providers
import Shared
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5)))
struct SandboxProviderTests {
    private static let id = "sandbox-01993c5e-0000-7000-8000-000000000001"

    /// Recipient, attempt, outcome, and what is reported afterwards.
    static let cases: [(to: [String], attempt: Int, outcome: String, reports: [ProviderReport.Status])] = [
        (["+15550000001", "read@sandbox.test"], 1, "accepted", [.sent, .delivered, .read]),
        (["+15550000002", "delivered@sandbox.test", "15550000002"], 1, "accepted", [.sent, .delivered]),
        (["+15550000003", "sent@sandbox.test"], 1, "accepted", [.sent]),
        (["+15550000004", "rejected@sandbox.test"], 1, "rejected sandbox-rejected", []),
        (["+15550000005", "retry@sandbox.test"], 1, "transient sandbox-unavailable", []),
        (["+15550000005", "retry@sandbox.test"], 2, "transient sandbox-unavailable", []),
        (["+15550000005", "retry@sandbox.test"], 3, "accepted", [.sent, .delivered]),
        (["+15550000006", "timeout@sandbox.test"], 1, "uncertain sandbox-timeout", [.sent, .delivered]),
        (["+15550000007", "throttled@sandbox.test"], 1, "throttled account sandbox-throttled 1s", []),
        (["+15550000007", "throttled@sandbox.test"], 2, "accepted", [.sent, .delivered]),
        (["+15550000008", "blocked@sandbox.test"], 1, "blocked sandbox-blocked", []),
        (["+15550000009", "optedout@sandbox.test", "OptedOut@Sandbox.test"], 1, "rejected sandbox-opted-out", []),
        (
            ["+15550000000", "+15550000010", "+25550000004", "rejected@sandbox.test.com", "x@sandbox.test", "", "@"], 1,
            "accepted", [.sent, .delivered]
        ),
    ]

    @Test(arguments: Self.cases.indices) func `each recipient has its outcome`(_ index: Int) async throws {
        let expected = Self.cases[index]
        for address in expected.to {
            let reports = Reports()
            let sandbox = SandboxProvider(spacing: .zero) { reports.add($0, $1, $2) }
            let message = OutboundMessage.sample(.sandbox, .sms, to: address, attempt: expected.attempt)
            let outcome = await sandbox.send(message, before: .distant)
            #expect(outcome.summary == expected.outcome, "\(address)")
            let id = "\(Self.id).\(expected.attempt)"
            if case .accepted(let accepted) = outcome { #expect(accepted == id) }
            try await eventually { reports.all.count == expected.reports.count }
            #expect(reports.all.map(\.2.status) == expected.reports, "\(address)")
            for (orgID, accountID, report) in reports.all {
                #expect(orgID == message.orgID)
                #expect(accountID == message.accountID)
                #expect(report.reference == message.reference)
                #expect(report.providerMessageID == id)
                #expect(report.eventKey.hasPrefix("\(id):"))
            }
            #expect(Set(reports.all.map(\.2.eventKey)).count == expected.reports.count)
        }
    }

    @Test func `a report waits for the clock, and for the one before it`() async throws {
        let clock = HeldClock()
        let reports = Reports()
        let sandbox = SandboxProvider(clock: clock, spacing: .seconds(3600)) { reports.add($0, $1, $2) }
        _ = await sandbox.send(.sample(.sandbox, .sms, to: "+15550000001"), before: .distant)
        for count in 0..<3 {
            try await eventually { clock.sleepers == 1 }
            #expect(reports.all.count == count)
            clock.wakeAll()
            try await eventually { reports.all.count == count + 1 }
        }
    }
}

private final class Reports: Sendable {
    private let reports = Mutex<[(OrgID, AccountID, ProviderReport)]>([])

    var all: [(OrgID, AccountID, ProviderReport)] { self.reports.withLock { $0 } }

    func add(_ orgID: OrgID, _ accountID: AccountID, _ report: ProviderReport) {
        self.reports.withLock { $0.append((orgID, accountID, report)) }
    }
}

/// A clock on which nobody wakes before the test says so.
private final class HeldClock: Clock, Sendable {
    typealias Instant = ContinuousClock.Instant
    typealias Duration = Swift.Duration

    private let sleeping = Mutex<[CheckedContinuation<Void, Never>]>([])

    var now: Instant { .now }
    var minimumResolution: Duration { .zero }
    var sleepers: Int { self.sleeping.withLock { $0.count } }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        await withCheckedContinuation { continuation in
            self.sleeping.withLock { $0.append(continuation) }
        }
    }

    func wakeAll() {
        let woken = self.sleeping.withLock { sleeping in
            defer { sleeping = [] }
            return sleeping
        }
        for continuation in woken { continuation.resume() }
    }
}
