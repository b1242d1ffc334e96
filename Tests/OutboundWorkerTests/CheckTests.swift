import Foundation
import InternalAPI
import Logging
import Providers
import Shared
import Synchronization
import TestSupport
import Testing

@testable import OutboundWorker

@Suite(.timeLimit(.minutes(5))) struct CheckTests {
    /// A worker's heartbeat and checks, with a provider that answers once its gate is open.
    private struct Parts {
        let queue = TestQueue()
        let provider: CheckedProvider
        let clock = TestClock()
        let checks: CheckCredentials
        let heartbeat: Heartbeat

        init(gate: Gate = Gate(isOpen: true)) {
            self.provider = CheckedProvider(gate: gate)
            self.checks = CheckCredentials(
                providers: ProviderRegistry([self.provider]),
                queue: self.queue,
                clock: self.clock,
                logger: .quiet
            )
            self.heartbeat = Heartbeat(
                queue: self.queue,
                worker: .test,
                readiness: Readiness(clock: self.clock),
                checks: self.checks,
                clock: self.clock,
                logger: .quiet,
                restart: {}
            )
        }
    }

    @Test func whatAHeartbeatBringsIsAskedAndTold() async throws {
        let parts = Parts()
        let known = MessagingAPI.CheckQuestion.test(.test)
        let unknown = MessagingAPI.CheckQuestion.test(.withoutProvider)
        await parts.queue.ask([known, unknown], failures: 2)
        try await withServices([parts.heartbeat, parts.checks]) {
            try await eventually {
                parts.clock.advance(by: .seconds(1))
                return await parts.queue.checked.count == 2
            }
        }
        let told = await Dictionary(uniqueKeysWithValues: parts.queue.checked.map { ($0.id, $0) })
        #expect(told[known.id]?.check == .ok("good"))
        #expect(told[known.id]?.accountID == known.account.id)
        #expect(told[known.id]?.orgID == known.orgID)
        #expect(told[unknown.id]?.check.status == .unreachable)
        #expect(told[unknown.id]?.check.code == "no-check")
    }

    @Test func onlySoManyAreTakenAtOnce() async throws {
        let gate = Gate(isOpen: false)
        let parts = Parts(gate: gate)
        await parts.queue.ask((0..<10).map { _ in .test(.test) })
        try await withServices([parts.heartbeat, parts.checks]) {
            try await eventually {
                parts.clock.advance(by: .seconds(1))
                return await parts.queue.rooms.suffix(2) == [0, 0]
            }
            #expect(await parts.queue.rooms.first == CheckCredentials.limit)
            #expect(parts.provider.asked == CheckCredentials.limit)
            await gate.open()
            try await eventually {
                parts.clock.advance(by: .seconds(1))
                return await parts.queue.checked.count == 10
            }
        }
        #expect(parts.checks.free == CheckCredentials.limit)
    }

    @Test func whoEndsFinishesWhatItBegan() async throws {
        let parts = Parts()
        parts.checks.begin([.test(.test)])
        try await withServices([parts.checks]) {}
        #expect(await parts.queue.checked.count == 1)
    }
}

/// Takes every credential, once its gate is open.
private final class CheckedProvider: CheckProvider {
    private let gate: Gate
    private let count = Atomic(0)

    init(gate: Gate) {
        self.gate = gate
    }

    var kind: ProviderKind { .twilio }
    var asked: Int { self.count.load(ordering: .relaxed) }

    func send(_ message: OutboundMessage, before deadline: ContinuousClock.Instant) async -> SendOutcome {
        .accepted(providerMessageID: "none")
    }

    func check(_ credentials: Credentials, before deadline: ContinuousClock.Instant) async -> CredentialCheck {
        self.count.wrappingAdd(1, ordering: .relaxed)
        await self.gate.pass()
        return .ok("good")
    }
}

extension MessagingAPI.CheckQuestion {
    fileprivate static func test(_ account: MessagingAPI.LeasedAccount) -> Self {
        .init(orgID: OrgID(UUID()), id: .new(), account: account)
    }
}
