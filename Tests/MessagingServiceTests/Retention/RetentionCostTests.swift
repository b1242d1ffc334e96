import Foundation
import MessagingService
import Postgres
import Shared
import TestSupport
import Testing

/// What a step reads, however much there is.
@Suite(.messaging, .timeLimit(.minutes(5))) struct RetentionCostTests {
    @Test func aStepWalksAlongThePrimaryKeyAndStops() async throws {
        let fixture = try RetentionFixture()
        try await fixture.limit(30)
        let ids = try await fixture.add(5000, age: 40)
        try await fixture.add(5000, age: 10)
        let store = try await fixture.store()
        let plan = try await fixture.postgres.transaction(for: [fixture.orgID]) { connection in
            try connection.explain(store.walk(after: ids[1000]))
        }
        let text = plan.joined(separator: "\n")
        #expect(!text.contains("Seq Scan"), "\(text)")
        #expect(!text.contains("Rows Removed by Filter"), "\(text)")
        let scans = plan.filter { $0.contains("Index Scan using messages_pkey") }
        #expect(scans.compactMap(Self.actualRows) == [RetentionStore.batch], "\(text)")
        // The outbox is asked for one message at a time.
        let outbox = plan.filter { $0.contains("using outbox_pkey") }
        #expect(outbox.count == 1 && outbox.allSatisfy { $0.contains("loops=\(RetentionStore.batch)") }, "\(text)")
    }

    @Test func stepsFollowOneAnotherWithoutReadingARowTwice() async throws {
        let fixture = try RetentionFixture()
        try await fixture.limit(30)
        let young = try await fixture.add(150, age: 50, changed: 10)
        let old = try await fixture.add(300, age: 40)
        let store = try await fixture.store()
        let walks = try await fixture.postgres.transaction(for: [fixture.orgID]) { connection in
            var walks: [RetentionStore.Walk] = []
            var cursor: MessageID?
            repeat {
                guard let walk = try store.walk(after: cursor, on: connection) else { break }
                walks.append(walk)
                cursor = walk.last
            } while cursor != nil
            return walks
        }
        #expect(walks.map(\.due.count) == [50, 200, 50])
        #expect(walks.flatMap(\.due) == old)
        #expect(walks.map(\.last) == [old[49], old[249], nil])
        #expect(young.count == 150)
    }

    /// Large contents are read few at a time.
    @Test func anArchiveStepReadsAFewMegabytesOnly() async throws {
        let fixture = try RetentionFixture()
        try await fixture.limit(30, .archive)
        try await fixture.add(10, age: 40)
        try await fixture.run(
            "UPDATE messages SET content = json_build_object('body', repeat('x', 1000000)) WHERE org_id = \(fixture.orgID)"
        )
        let store = try await fixture.store()
        let walk = try await fixture.postgres.transaction(for: [fixture.orgID]) { connection in
            try store.walk(after: nil, on: connection)
        }
        #expect(walk?.due.count == 4)
    }

    /// The last number of rows in a line is the real one: the estimate stands before it.
    private static func actualRows(_ line: String) -> Int? {
        guard let rows = line.range(of: " rows=", options: .backwards) else { return nil }
        return Int(line[rows.upperBound...].prefix { $0.isNumber })
    }
}
