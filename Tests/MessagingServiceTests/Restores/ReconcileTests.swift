import Foundation
import InternalAPI
import NIOHTTP1
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// What journals tell a restored database, and what becomes of what they do not tell of.
@Suite(.messaging, .timeLimit(.minutes(5))) struct ReconcileTests {
    private let point = Timestamp.now - .seconds(600)

    @Test func whatLeftAfterThePointIsSentAndNotLeasedAgain() async throws {
        let fixture = try MessagingFixture()
        let ids = try await fixture.sendBatch(2)
        try await fixture.fence(restoredTo: self.point)
        try await self.replay([self.kept(ids[0], 1, .accepted), self.kept(.new(), 1, .accepted)], fixture)
        #expect(try await fixture.status(of: ids[0]) == .sent)
        #expect(try await fixture.status(of: ids[1]) == .queued)
        try await RunningService.run { service in
            let done = try await self.reconcile(service)
            #expect(done.body["done"] == true)
            #expect(done.body["fenced"] == false)
            #expect(done.body["uncertain"] == 0)
            let journal = done.body["journals"]?[0]
            #expect(journal?["learned"] == 1)
            #expect(journal?["unknown"] == 1)
            #expect(journal?["whole"] == true)
        }
        #expect(try await fixture.offerAndLease().map(\.messageID) == [ids[1]])
    }

    /// Numbers that were used after the point are not used again: providers echo them.
    @Test func theNextAttemptHasAGreaterNumber() async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.send()
        try await fixture.fence(restoredTo: self.point)
        try await self.replay([self.kept(id, 1, .throttled), self.kept(id, 2, .throttled)], fixture)
        #expect(try await fixture.status(of: id) == .queued)
        #expect(try await fixture.queued(id)?.epoch == 2)
        #expect(try await fixture.count("SELECT count(*) AS count FROM attempts") == 2)
    }

    @Test(arguments: [
        (MessagingAPI.KeptAttempt.End.accepted, MessageStatus.sent), (.rejected, .failed), (.failed, .queued),
        (.throttled, .queued), (.blocked, .queued), (.uncertain, .uncertain),
    ])
    func eachEndIsWhatItWas(end: MessagingAPI.KeptAttempt.End, status: MessageStatus) async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.send()
        try await fixture.fence(restoredTo: self.point)
        for _ in 1...2 { try await self.replay([self.kept(id, 1, end)], fixture) }
        #expect(try await fixture.status(of: id) == status)
        // It is old news: the account is not judged by it.
        #expect(try await fixture.flow().isUntroubled)
    }

    @Test func aJournalForAnotherRestoreIsNotTaken() async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.send()
        let replay = ReplayJournal(postgres: fixture.postgres, settle: fixture.settle)
        let request = MessagingAPI.ReplayRequest(
            worker: fixture.worker,
            epoch: UUID(),
            coversSince: nil,
            part: 0,
            isLast: true,
            attempts: [self.kept(id, 1, .accepted, fixture.orgID)]
        )
        let problem = await #expect(throws: Problem.self) { try await replay(request) }
        #expect(problem?.code == "another-epoch")
        #expect(try await fixture.status(of: id) == .queued)
    }

    @Test(arguments: [false, true])
    func aWorkerWhoseJournalDoesNotReachBackIsNamed(hasTold: Bool) async throws {
        let fixture = try MessagingFixture()
        _ = try await fixture.beat(.init(epoch: nil, beats: 0))
        try await fixture.rows("UPDATE workers SET first_seen_at = '-infinity'")
        try await fixture.fence(restoredTo: self.point)
        if hasTold { try await self.replay([], fixture, coversSince: self.point + .seconds(1)) }
        try await RunningService.run { service in
            let refused = try await self.reconcile(service)
            #expect(refused.status == 409)
            #expect(refused.code == "journals-missing")
            #expect(refused.body["detail"]?.string?.contains(fixture.worker.name) == true)
            let shown = try await service.call(.GET, "/internal/engine/restore", for: nil)
            #expect(shown.body["fenced"] == true)
            #expect(shown.body["reason"] == "restored")
            #expect(shown.body["journals"]?[0]?["told"]?.bool == hasTold)
        }
    }

    /// Whatever was due may have left by the worker whose journal is lost; what came later, or is due later, did not.
    @Test func withoutAJournalWhatWasDueIsUncertain() async throws {
        let fixture = try MessagingFixture()
        _ = try await fixture.beat(.init(epoch: nil, beats: 0))
        try await fixture.rows("UPDATE workers SET first_seen_at = '-infinity'")
        let due = try await fixture.sendBatch(ReconcileRestore.batch + 20)
        let later = try await fixture.send(
            "Later",
            to: "+15550000009",
            ["scheduled_at": .string("\(Timestamp.now + .seconds(3600))")]
        )
        // Ids have the millisecond of their making.
        try await Task.sleep(for: .milliseconds(5))
        try await fixture.fence(restoredTo: self.point)
        let new = try await fixture.send()
        try await RunningService.run { service in
            var uncertain = 0
            for lost in [fixture.worker.name, fixture.worker.name] {
                let step = try await self.reconcile(service, lost: [lost])
                #expect(step.status == 200)
                uncertain += step.body["uncertain"]?.int ?? 0
            }
            #expect(uncertain == due.count)
            #expect(try await self.reconcile(service).body["done"] == true)
        }
        #expect(try await fixture.count("SELECT count(*) AS count FROM outbox WHERE state = 'uncertain'") == due.count)
        #expect(try await fixture.status(of: later) == .scheduled)
        #expect(try await fixture.offerAndLease().map(\.messageID) == [new])
    }

    /// Nobody knows how far it had come, so that its next step could reach the same recipients again.
    @Test func aBroadcastThatMayHaveComeFurtherIsPaused() async throws {
        let fixture = try BroadcastFixture()
        let id = try await fixture.broadcast(#"{"recipients": [{"to": "+15550000001"}]}"#)
        let messaging = fixture.messaging
        try await messaging.fence(restoredTo: self.point)
        try await self.replay([self.kept(.new(), 1, .accepted, messaging.orgID)], messaging)
        let reconcile = ReconcileRestore(
            engine: messaging.engine,
            postgres: messaging.postgres,
            settle: messaging.settle,
            changeBroadcast: fixture.change,
            walk: WakeWalk(engine: messaging.engine, probe: messaging.probe),
            logger: .quiet
        )
        let progress = try await reconcile(without: [], by: "operator", requestID: "r")
        #expect(progress.isDone)
        #expect(progress.pausedBroadcasts == 1)
        let row = try await messaging.row("SELECT state FROM broadcasts WHERE id = \(id)")
        #expect(try row.get("state", as: BroadcastState.self) == .paused)
    }

    @Test func whatIsNotFencedIsDone() async throws {
        _ = try MessagingFixture()
        try await RunningService.run { service in
            let done = try await self.reconcile(service)
            #expect(done.body["done"] == true)
        }
    }

    private func replay(
        _ attempts: [MessagingAPI.KeptAttempt],
        _ fixture: MessagingFixture,
        coversSince: Timestamp? = .epoch
    ) async throws {
        let replay = ReplayJournal(postgres: fixture.postgres, settle: fixture.settle)
        try await replay(
            .init(
                worker: fixture.worker,
                epoch: try await fixture.epoch(),
                coversSince: coversSince,
                part: 0,
                isLast: true,
                attempts: attempts.map {
                    self.kept($0.key.reference.messageID, $0.key.reference.number, $0.end, fixture.orgID)
                }
            )
        )
    }

    private func kept(
        _ id: MessageID,
        _ number: Int,
        _ end: MessagingAPI.KeptAttempt.End,
        _ orgID: OrgID = .new()
    ) -> MessagingAPI.KeptAttempt {
        .init(
            key: .init(orgID: orgID, reference: AttemptReference(messageID: id, number: number)),
            startedAt: self.point + .seconds(1),
            endedAt: self.point + .seconds(2),
            end: end
        )
    }

    private func reconcile(_ service: RunningService, lost: [String] = []) async throws -> RunningService.Answer {
        let body: JSONValue = ["actor": "operator", "lost_journals": .array(lost.map { .string($0) })]
        return try await service.call(.POST, "/internal/engine/restore/reconcile", for: nil, body: body.text)
    }
}
