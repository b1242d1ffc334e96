import Shared
import Synchronization
import TestSupport
import Testing

/// What providers tell, whatever the order and however often, leaves one state.
@Suite struct ShuffleTests {
    @Test(.timeLimit(.minutes(10))) func anyOrderAndAnyRepetitionLeaveTheSameState() async throws {
        let corpus = ShuffleCorpus(count: TestForm.value(short: 1000, long: 5000))
        let (inOrder, shuffled) = (ShuffleRequest.inOrder(corpus.events), ShuffleRequest.shuffled(corpus.events))
        let deliveries = shuffled.reduce(0) { $0 + $1.events.count }
        let began = ContinuousClock.now
        let expected = try await Self.state(after: inOrder, inParallel: false, of: corpus)
        let middle = ContinuousClock.now
        let state = try await Self.state(after: shuffled, inParallel: true, of: corpus)
        let rows = expected.tables.values.reduce(0) { $0 + $1.count }
        print(
            "shuffle: seed \(Seed.current), \(corpus.events.count) events in \(inOrder.count) requests in order,",
            "\(deliveries) in \(shuffled.count) shuffled; \(rows) rows in \(expected.tables.count) tables;",
            "\(began.duration(to: middle)) and \(middle.duration(to: .now))"
        )
        let differences = expected.differences(from: state)
        #expect(differences.isEmpty, "shuffle: seed \(Seed.current)\n\(differences.joined(separator: "\n"))")
        // What is compared is there: otherwise two empty installations would be alike.
        for table in ["inbound.inbox_events", "messaging.messages", "messaging.provider_events"] {
            #expect((expected.tables[table]?.count ?? 0) > corpus.events.count / 5, "\(table)")
        }
        #expect(expected.tables["inbound.inbox_events"]?.count == corpus.events.count)
        #expect(expected.tables["messaging.outbox"] == [])
    }

    private static func state(
        after requests: [ShuffleRequest],
        inParallel: Bool,
        of corpus: ShuffleCorpus
    ) async throws -> ShuffleState {
        let result = StateBox()
        try await withPlatform { platform in
            let installation = try await ShuffleInstallation(platform, corpus)
            try await installation.receive(requests, inParallel: inParallel)
            let state = try await ShuffleState(installation.databases)
            result.state.withLock { $0 = state }
            await installation.databases.close()
        }
        let state = result.state.withLock { $0 }
        return try #require(state)
    }

    private final class StateBox: Sendable {
        let state = Mutex<ShuffleState?>(nil)
    }
}
