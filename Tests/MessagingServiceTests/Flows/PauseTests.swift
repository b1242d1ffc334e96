import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// A person stops a queue, or all of them.
@Suite(.messaging) struct PauseTests {
    @Test func aPausedOrganizationIsNotSentForAndTheOthersAre() async throws {
        let fixture = try MessagingFixture()
        let other = OrgID.new()
        let id = try await fixture.send()
        try await fixture.send(as: other)
        try await fixture.rows(OrgSettingsStore.setPause(of: fixture.orgID, by: "key:person"))
        #expect(try await fixture.leaseNow().map(\.orgID) == [other])
        #expect(try await fixture.offerAndLease().isEmpty)
        #expect(try await fixture.timeline(of: id).last?.detail["gate"] == "pause")

        try await fixture.rows(OrgSettingsStore.setPause(of: fixture.orgID, by: nil))
        await fixture.probe.lookAtAll()
        #expect(try await fixture.leaseNow().map(\.messageID) == [id])
    }

    /// Otherwise each message that is created would be a claim in vain.
    @Test func aPausedAccountAndOneWhoseBucketIsEmptyAreNotAskedAgain() async throws {
        let fixture = try MessagingFixture()
        let rate = try #require(JSONNumber("0.01"))
        try await fixture.account(.sandbox, ["rate_per_second": .number(rate), "burst": 1])
        try await fixture.sendBatch(3)
        let replica = fixture.replica(longestRest: .seconds(600))
        try await fixture.offer(to: replica.due)
        #expect(try await fixture.ask(of: replica.lease).leases.count == 1)
        try await fixture.offer(to: replica.due)
        #expect(replica.due.take(10).isEmpty)

        let paused = try MessagingFixture()
        try await paused.send()
        try await paused.rows(OrgSettingsStore.setPause(of: paused.orgID, by: "key:person"))
        let other = paused.replica(longestRest: .seconds(600))
        try await paused.offer(to: other.due)
        #expect(try await paused.ask(of: other.lease).leases.isEmpty)
        try await paused.offer(to: other.due)
        #expect(other.due.take(10).isEmpty)
    }

    @Test func whoPausesAnewIsNotTheOneWhoPaused() async throws {
        let fixture = try MessagingFixture()
        for actor in ["key:first", "key:second"] {
            try await fixture.rows(OrgSettingsStore.setPause(of: fixture.orgID, by: actor))
        }
        #expect(try await fixture.row("SELECT paused_by FROM org_settings").get("paused_by") == "key:first")
        try await fixture.rows(OrgSettingsStore.setPause(of: fixture.orgID, by: nil))
        let row = try await fixture.row("SELECT paused_at, paused_by FROM org_settings")
        #expect(try row.getIfPresent("paused_at", as: Timestamp.self) == nil)
        #expect(try row.getIfPresent("paused_by", as: String.self) == nil)
    }

    @Test func aPauseOfEverythingStopsEverybody() async throws {
        let fixture = try MessagingFixture()
        try await fixture.send()
        try await fixture.send(as: .new())
        try await self.pauseAll("now()", fixture)
        #expect(try await fixture.leaseNow().isEmpty)
        try await self.pauseAll("NULL", fixture)
        await fixture.probe.lookAtAll()
        #expect(try await fixture.leaseNow().count == 2)
    }

    @Test func whatAWorkerHoldsGoesOn() async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.send()
        let lease = try #require(try await fixture.leaseNow().first)
        try await fixture.rows(OrgSettingsStore.setPause(of: fixture.orgID, by: "key:person"))
        try await fixture.tell(.accepted(providerMessageID: "SM1"), of: lease)
        #expect(try await fixture.status(of: id) == .sent)
    }

    @Test func aPauseIsNoReasonToRefuseMessages() async throws {
        let fixture = try MessagingFixture()
        try await fixture.rows(OrgSettingsStore.setPause(of: fixture.orgID, by: "key:person"))
        let id = try await fixture.send()
        #expect(try await fixture.status(of: id) == .queued)
        #expect(try await fixture.leaseNow().isEmpty)
    }

    /// What is pushed about an organization says nothing about its queue.
    @Test func settingsThatArriveLaterDoNotContinueTheQueue() async throws {
        let fixture = try MessagingFixture()
        try await fixture.rows(OrgSettingsStore.setPause(of: fixture.orgID, by: "key:person"))
        let org = OrgSettingsRequest.Org(orgID: fixture.orgID, version: 1, isSandbox: false, settings: [:])
        try await fixture.rows(OrgSettingsStore.put([org]))
        #expect(try await fixture.row("SELECT paused_by FROM org_settings").get("paused_by") == "key:person")
    }

    private func pauseAll(_ time: SQL, _ fixture: MessagingFixture) async throws {
        try await fixture.postgres.run { connection in
            _ = try connection.query("UPDATE engine_state SET paused_at = \(time), paused_by = 'operator'")
        }
    }
}
