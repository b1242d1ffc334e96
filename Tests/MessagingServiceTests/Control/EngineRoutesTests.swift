import InternalAPI
import NIOHTTP1
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// The queue, the clock and the workers as people see and steer them.
@Suite(.messaging, .timeLimit(.minutes(5))) struct EngineRoutesTests {
    @Test func aQueueIsPausedAndContinued() async throws {
        let fixture = try MessagingFixture()
        try await fixture.sendBatch(2)
        try await RunningService.run { service in
            let paused = try await service.call(.POST, "/internal/queue/pause", for: fixture.orgID)
            #expect(paused.status == 200)
            #expect(paused.body["paused"] == true)
            #expect(paused.body["paused_by"] == "key:person")
            #expect(paused.body["platform_paused"] == false)
            let counts = try #require(paused.body["data"]?[0])
            #expect(counts["status"] == "queued")
            #expect(counts["count"] == 2)
            #expect(paused.body["accounts"]?[0]?["state"] == "open")
            #expect(try await fixture.offerAndLease().isEmpty)
            let continued = try await service.call(.POST, "/internal/queue/continue", for: fixture.orgID)
            #expect(continued.body["paused"] == false)
            #expect(continued.body["paused_by"]?.isNull == true)
            #expect(try await fixture.offerAndLease().count == 2)
        }
        #expect(try await fixture.acts(of: fixture.orgID.description) == ["pause", "continue"])
    }

    @Test func everythingIsPausedAndContinued() async throws {
        let fixture = try MessagingFixture()
        try await fixture.send()
        try await RunningService.run { service in
            let body = #"{"actor": "operator"}"#
            let paused = try await service.call(.POST, "/internal/engine/pause", for: nil, body: body)
            #expect(paused.status == 200)
            #expect(paused.body["paused"] == true)
            #expect(paused.body["paused_by"] == "operator")
            #expect(paused.body["data"]?[0]?["org_id"]?.string == "\(fixture.orgID)")
            let queue = try await service.call(.GET, "/internal/queue", for: fixture.orgID)
            #expect(queue.body["paused"] == false)
            #expect(queue.body["platform_paused"] == true)
            #expect(try await fixture.offerAndLease().isEmpty)
            let continued = try await service.call(.POST, "/internal/engine/continue", for: nil, body: body)
            #expect(continued.body["paused"] == false)
            #expect(try await fixture.offerAndLease().count == 1)
            let workers = try await service.call(.GET, "/internal/engine/queue", for: nil)
            #expect(workers.body["workers"]?[0]?["name"]?.string == fixture.worker.name)
            #expect(workers.body["workers"]?[0]?["alive"] == true)
        }
    }

    /// A worker that was started before is told so with its next heartbeat, and its next life is not.
    @Test func allWorkersAreStartedAnew() async throws {
        let fixture = try MessagingFixture()
        #expect(try await self.mustRestart(1, fixture) == false)
        try await RunningService.run { service in
            let answer = try await service.call(
                .POST,
                "/internal/engine/restart",
                for: nil,
                body: #"{"actor": "operator"}"#
            )
            #expect(answer.status == 200)
            #expect(answer.body["restart_at"]?.string.flatMap { Timestamp($0) } != nil)
        }
        #expect(try await self.mustRestart(1, fixture) == true)
        #expect(try await self.mustRestart(2, fixture) == false)
        #expect(try await self.mustRestart(1, fixture) == nil)
    }

    @Test(arguments: [
        ("/internal/engine/pause", "{}", "/actor"), ("/internal/engine/restart", #"{"actor": ""}"#, "/actor"),
        ("/internal/engine/continue", #"{"actor": "operator", "org_id": "x"}"#, "/org_id"),
    ])
    func whoSteersEverythingIsNamed(path: String, body: String, pointer: String) async throws {
        try await RunningService.run { service in
            let answer = try await service.call(.POST, path, for: nil, body: body)
            #expect(answer.status == 422)
            #expect(answer.pointers == [pointer])
        }
    }

    @Test func aLiveOrganizationHasNoClock() async throws {
        let orgID = OrgID.new()
        try await RunningService.run { service in
            let shown = try await service.call(.GET, "/internal/clock", for: orgID)
            #expect(shown.status == 409)
            #expect(shown.code == "not-a-sandbox")
            let moved = try await service.call(.POST, "/internal/clock/advance", for: orgID, body: #"{"by": "1h"}"#)
            #expect(moved.code == "not-a-sandbox")
        }
    }

    @Test func theClockOfASandboxIsShownAndMoved() async throws {
        let fixture = try MessagingFixture()
        try await self.makeSandbox(fixture)
        try await RunningService.run { service in
            let before = try await service.call(.GET, "/internal/clock", for: fixture.orgID)
            #expect(before.body["offset_ms"] == 0)
            let path = "/internal/clock/advance"
            let moved = try await service.call(.POST, path, for: fixture.orgID, body: #"{"by": "7h21m"}"#)
            #expect(moved.status == 200)
            let offset = try #require(moved.body["offset_ms"]?.int)
            #expect(offset > 26_400_000 && offset <= 26_460_000)
            #expect(moved.body["steps"] == 0)
            let time = Timestamp.now + .seconds(86_400)
            let to = try await service.call(.POST, path, for: fixture.orgID, body: #"{"to": "\#(time)"}"#)
            let now = try #require(to.body["now"]?.string.flatMap { Timestamp($0) })
            #expect(now >= time && now < time + .seconds(30))
            let back = try await service.call(.POST, path, for: fixture.orgID, body: #"{"to": "2026-01-01T00:00:00Z"}"#)
            #expect(back.status == 422)
            #expect(back.code == "clock-target-invalid")
        }
    }

    @Test(arguments: [
        "{}", #"{"by": "soon"}"#, #"{"by": "1h", "to": "2030-01-01T00:00:00Z"}"#, #"{"by": 3600}"#, #"{"by": "367d"}"#,
    ])
    func whatIsNoTargetIsNamed(body: String) async throws {
        let fixture = try MessagingFixture()
        try await self.makeSandbox(fixture)
        try await RunningService.run { service in
            let answer = try await service.call(.POST, "/internal/clock/advance", for: fixture.orgID, body: body)
            #expect(answer.status == 422)
            #expect(Set(answer.pointers) == ["/by"])
        }
    }

    /// Nil for a life that is over.
    private func mustRestart(_ life: Int64, _ fixture: MessagingFixture) async throws -> Bool? {
        let worker = fixture.worker(life: life)
        let answer = try await fixture.postgres.run { connection in try WorkerStore.beat(worker, on: connection) }
        guard case .alive(let mustRestart, _, _) = answer else { return nil }
        return mustRestart
    }

    private func makeSandbox(_ fixture: MessagingFixture) async throws {
        let org = OrgSettingsRequest.Org(orgID: fixture.orgID, version: 1, isSandbox: true, settings: [:])
        try await fixture.rows(OrgSettingsStore.put([org]))
    }
}
