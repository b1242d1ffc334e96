import Postgres
import Shared
import Testing

@testable import MessagingService

/// The engine looks for work of every organization all the time: along indexes that are for nothing else.
@Suite(.messaging) struct EngineLookCostTests {
    @Test func whatBecameDueIsARangeOfItsIndex() async throws {
        let fixture = try MessagingFixture()
        _ = try await fixture.fillQueue(2000)
        try await fixture.countQueue()
        let windows: [ProbeDueWork.Window] = [.since(Timestamp.now - .milliseconds(50)), .recent]
        for statement in [ProbeDueWork.clock] + windows.map(ProbeDueWork.dueAccounts) {
            try await self.expect(statement, reads: "outbox_due", fixture)
        }
    }

    @Test func whatIsToBePlacedIsARangeOfItsIndex() async throws {
        let fixture = try MessagingFixture()
        _ = try await fixture.fillQueue(2000, state: "scheduled")
        try await fixture.countQueue()
        try await self.expect(SweepQueue.firstDue, reads: "outbox_scheduled", fixture)
        try await self.expect(SweepQueue.dueOfEachAccount, reads: "outbox_scheduled_of_account", fixture)
    }

    private func expect(_ statement: SQL, reads index: String, _ fixture: MessagingFixture) async throws {
        let plan = try await fixture.engine.run { connection in try connection.explain(statement) }
        let walks = plan.filter { $0.contains("Scan") && $0.contains(" outbox") }
        let text = plan.joined(separator: "\n")
        #expect(!walks.isEmpty && walks.allSatisfy { $0.contains("using \(index) ") }, "\(text)")
    }
}
