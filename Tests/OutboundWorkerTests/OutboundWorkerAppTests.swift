import Foundation
import InternalAPI
import OutboundWorker
import Shared
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct OutboundWorkerAppTests {
    @Test func aMessageIsLeasedSentAndReportedOverHTTP() async throws {
        let messaging = MessagingStub()
        let port = ServerPort()
        try await withServices([try await messaging.server(port: port)]) {
            let url = "http://127.0.0.1:\(await port.value())"
            try await Self.withWorker(messagingURL: url, more: ["worker.name": "test", "worker.slots": "3"]) {
                try await eventually { await messaging.reports.count == 2 }
                try await eventually { await !messaging.heartbeats.isEmpty }
                try await eventually { await messaging.leaseRequests.count >= 2 }
            }
        }
        let lease = messaging.lease
        let outcome = try #require(await messaging.outcomes.first)
        #expect(outcome.outcomes.map(\.reference) == [lease.reference])
        #expect(outcome.outcomes.map(\.orgID) == [lease.orgID])
        #expect(outcome.outcomes.map(\.outcome) == [.accepted(providerMessageID: "sandbox-\(lease.reference)")])
        #expect(await messaging.outcomes.count == 1)
        #expect(await messaging.reports.map(\.report.status) == [.sent, .delivered])
        #expect(await messaging.reports.allSatisfy { $0.orgID == lease.orgID && $0.accountID == lease.accountID })
        let request = try #require(await messaging.leaseRequests.first)
        #expect((request.worker.name, request.slots, request.waitMilliseconds) == ("test-1", 3, 20_000))
        #expect(await messaging.leaseRequests.prefix(2).map(\.call) == [1, 2])
        #expect(await messaging.leaseRequests.prefix(2).map(\.received) == [0, 1])
        #expect(await messaging.recoveries.map(\.worker) == [request.worker])
        #expect(await messaging.recoveries.map(\.journal) == [.lost])
        #expect(await Set(messaging.heartbeats) == [request.worker])
        #expect(await messaging.callers == [.outboundWorker])
    }

    @Test func theNextStartContinuesTheJournal() async throws {
        let messaging = MessagingStub()
        let port = ServerPort()
        let directory = "\(NSTemporaryDirectory())/worker-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try await withServices([try await messaging.server(port: port)]) {
            let url = "http://127.0.0.1:\(await port.value())"
            for starts in 1...2 {
                try await Self.withWorker(messagingURL: url, more: ["worker.name": "test"], in: directory) {
                    try await eventually { await messaging.recoveries.count == starts }
                    try await eventually { await !messaging.outcomes.isEmpty }
                }
            }
        }
        // A life that ends before it hears the answer may tell the same again.
        let recoveries = await messaging.recoveries
        let incarnations = recoveries.map(\.worker.incarnation)
        #expect(incarnations == incarnations.sorted() && Set(incarnations).count == 2)
        #expect(recoveries.map(\.journal) == incarnations.map { $0 == incarnations[0] ? .lost : .intact })
        #expect(recoveries.allSatisfy { $0.uncertain.isEmpty })
        #expect(await Set(messaging.outcomes.flatMap(\.outcomes).map(\.reference)).count == 1)
    }

    @Test func aWorkerThatIsNotEnabledTakesNothing() async throws {
        let messaging = MessagingStub()
        let port = ServerPort()
        try await withServices([try await messaging.server(port: port)]) {
            let url = "http://127.0.0.1:\(await port.value())"
            try await Self.withWorker(messagingURL: url, more: ["outbound.worker.enabled": "false"]) {
                try await eventually { await !messaging.heartbeats.isEmpty }
            }
        }
        #expect(await messaging.leaseRequests.isEmpty)
    }

    @Test func aWorkerStartsAndStopsWithoutMessagingService() async throws {
        // Port 9 is reserved for a service that nobody runs, and that would not answer.
        try await Self.withWorker(messagingURL: "http://127.0.0.1:9", more: [:]) {}
    }

    @Test func faultySettingsAreRefusedAtStart() async throws {
        await #expect(throws: ConfigFaults.self) {
            try await OutboundWorkerApp(reader: .test(["WORKER_SLOTS": "0"]), logger: .quiet)
        }
    }

    /// Runs a worker with a state directory of its own, from the moment that its server listens.
    private static func withWorker(
        messagingURL: String,
        more settings: [String: String],
        _ body: @Sendable () async throws -> Void
    ) async throws {
        let directory = "\(NSTemporaryDirectory())/worker-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try await self.withWorker(messagingURL: messagingURL, more: settings, in: directory, body)
    }

    private static func withWorker(
        messagingURL: String,
        more settings: [String: String],
        in directory: String,
        _ body: @Sendable () async throws -> Void
    ) async throws {
        let port = ServerPort()
        let required = [
            "MESSAGING_URL": messagingURL, "SERVICE_TOKEN_SECRET": MessagingStub.secret, "WORKER_STATE_DIR": directory,
        ]
        let app = try await OutboundWorkerApp(
            reader: .test(settings.merging(required) { $1 }),
            logger: .quiet,
            onServerRunning: { port.set($0) },
            restart: {}
        )
        try await withServices(app.services) {
            #expect(await port.value() > 0)
            try await body()
        }
    }
}
