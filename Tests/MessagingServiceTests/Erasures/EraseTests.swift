import Foundation
import InternalAPI
import Postgres
import Secrets
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// What is left of a customer's messages, in whichever state they are.
@Suite(.messaging, .timeLimit(.minutes(5))) struct EraseTests {
    private static let traces = ["Geheimnis", "15550002222", "ref-of-ann"]
    private let words: JSONObject = ["reference": "ref-of-ann", "metadata": ["note": "Geheimnis"]]
    private let error = ProviderError(code: "21211", detail: "15550002222?", response: #"{"to":"+15550002222"}"#)

    @Test func whatHasNotLeftIsCancelledAndErased() async throws {
        let fixture = try MessagingFixture()
        let queued = try await self.send(fixture)
        var later = self.words
        later["scheduled_at"] = .string("\(Timestamp.now + .seconds(3600))")
        let scheduled = try await self.send(fixture, later)
        let other = try await fixture.send("Stays", to: "+15550009999")
        try await fixture.erase([queued, scheduled])
        for id in [queued, scheduled] {
            #expect(try await fixture.status(of: id) == .cancelled)
            #expect(try await fixture.queued(id) == nil)
        }
        #expect(try await fixture.traces(Self.traces) == [])
        #expect(try await fixture.leaseNow().map(\.messageID) == [other])
        let acts = try await fixture.rows(
            "SELECT detail::text AS detail FROM audit_events WHERE entity_id = \(queued) AND action = 'UPDATED'"
        )
        #expect(acts.count == 1)
        #expect(try acts[0].get("detail", as: String.self).contains(#""because":"erased""#))
    }

    @Test func whatAWorkerHasIsWaitedFor() async throws {
        let fixture = try MessagingFixture()
        let id = try await self.send(fixture)
        let lease = try #require(try await fixture.leaseNow().first)
        #expect(try await fixture.erase([id]) == .waits)
        #expect(try await !fixture.traces(Self.traces).isEmpty)
        try await fixture.tell(.accepted(providerMessageID: "p1"), of: lease)
        #expect(try await fixture.erase([id]) == .done)
        #expect(try await fixture.status(of: id) == .sent)
        #expect(try await fixture.traces(Self.traces) == [])
    }

    @Test func whatFailedKeepsItsCodeAndIsNotTriedAgain() async throws {
        let fixture = try MessagingFixture()
        let id = try await self.send(fixture)
        try await fixture.tell(.rejected(self.error), of: try #require(try await fixture.leaseNow().first))
        #expect(try await !fixture.traces(Self.traces).isEmpty)
        try await fixture.erase([id])
        #expect(try await fixture.traces(Self.traces) == [])
        let shown = try #require(try await fixture.shown(id))
        #expect(shown["error"]?["code"]?.string == "21211")
        #expect(shown["attempt_count"]?.int == 1)
        #expect(shown["to"]?.string == "erased")
        #expect(shown["body"] == nil)
        #expect(
            try await fixture.act(.retry, on: id) == .refused(.wrongState(.failed, allowed: "its recipient was erased"))
        )
        await #expect(throws: (any Error).self) { try await fixture.edit(id, ["body": "x"]) }
    }

    @Test func anUncertainOneIsGivenUp() async throws {
        let fixture = try MessagingFixture()
        let id = try await self.send(fixture)
        try await fixture.tell(.uncertain(self.error), of: try #require(try await fixture.leaseNow().first))
        #expect(try await fixture.erase([id]) == .done)
        #expect(try await fixture.status(of: id) == .failed)
        #expect(try await fixture.traces(Self.traces) == [])
    }

    /// A provider's late words bring nothing back, but the state goes on.
    @Test func lateNewsMovesTheMessageAndTellsNothing() async throws {
        let fixture = try MessagingFixture()
        let id = try await self.send(fixture)
        let lease = try #require(try await fixture.leaseNow().first)
        try await fixture.tell(.accepted(providerMessageID: "p1"), of: lease)
        try await fixture.erase([id])
        let report = MessagingAPI.AccountReport(
            orgID: fixture.orgID,
            accountID: lease.accountID,
            report: ProviderReport(
                eventKey: "15550002222:failed",
                reference: lease.reference,
                providerMessageID: "p-15550002222",
                status: .failed(self.error, .permanent),
                occurredAt: .now
            )
        )
        for _ in 0..<2 { _ = try await fixture.apply([report]) }
        #expect(try await fixture.status(of: id) == .failed)
        #expect(try await fixture.traces(Self.traces) == [])
        #expect(try await !fixture.timeline(of: id).isEmpty)
    }

    @Test func whatCameFromThemIsErasedWithItsKey() async throws {
        let fixture = try MessagingFixture()
        let account = try await fixture.account(.whatsappCloud)
        let conversation = ConversationID.new()
        let received = fixture.inbound(
            InboundContent(kind: .text, body: "Geheimnis"),
            to: account,
            event: "wamid.15550002222",
            in: conversation,
            of: .new(),
            on: .whatsapp
        )
        let id = try #require(try await fixture.receive(received).first)
        try await fixture.erase(conversations: [conversation])
        #expect(try await fixture.traces(Self.traces) == [])
        #expect(try await fixture.status(of: id) == .delivered)
        #expect(try await fixture.count("SELECT count(*) AS count FROM inbound_events") == 1)
    }

    /// No message leads to them: of a broadcast that is planned, and refused ones of one that is done.
    ///
    /// Who is erased gets none of what is still to come.
    @Test func recipientsThatAreNamedByTheAddressAloneGo() async throws {
        let fixture = try BroadcastFixture()
        let recipients = #"[{"to": "+15550001111"}, {"to": "+15550002222", "parameters": {"word": "Geheimnis"}}]"#
        let later = Timestamp.now + .seconds(3600)
        let planned = try await fixture.broadcast(
            #"{"body": "Hi {{word}}", "recipients": \#(recipients), "scheduled_at": "\#(later)"}"#
        )
        // Its words are missing, so nobody gets it.
        let refused = try await fixture.broadcast(
            #"{"body": "Hi {{order}}", "recipients": [{"to": "+15550002222"}, {"to": "+15550003333", "parameters": {"order": "1"}}]}"#
        )
        try await fixture.work()
        #expect(try await fixture.messaging.traces(["15550002222", "Geheimnis"]) == ["15550002222", "Geheimnis"])
        try await fixture.messaging.erase(addresses: ["+15550002222"])
        #expect(try await fixture.messaging.traces(["15550002222", "Geheimnis"]) == [])
        #expect(try await fixture.outcomes(of: refused) == ["erased:1: erased", "+15550003333: made"])
        try await fixture.wait()
        try await fixture.work()
        let outcomes = try await fixture.outcomes(of: planned)
        #expect(outcomes[0].hasPrefix("+15550001111: parameters/word is required"))
        #expect(outcomes[1] == "erased:2: erased")
    }

    /// However many recipients there are, in steps.
    @Test func recipientsAreLookedThroughInSteps() async throws {
        let fixture = try BroadcastFixture()
        let later = Timestamp.now + .seconds(3600)
        for number in 0..<2 {
            let recipients = (0..<6000).map { #"{"to": "+1555\#(1_000_000 + $0 + number)"}"# }.joined(separator: ",")
            try await fixture.broadcast(#"{"recipients": [\#(recipients)], "scheduled_at": "\#(later)"}"#)
        }
        try await fixture.messaging.erase(addresses: ["+15551005999"])
        #expect(
            try await fixture.messaging.rows(
                "SELECT number FROM broadcast_recipients WHERE refusal = 'erased' ORDER BY 1"
            )
            .map { try $0.get("number", as: Int.self) } == [5999, 6000]
        )
    }

    @Test func storedAnswersAndFiltersOfJobsGo() async throws {
        let fixture = try MessagingFixture()
        let request = try fixture.request(
            MessagingFixture.message("Geheimnis", to: "+15550002222", self.words),
            key: "mail-15550002222"
        )
        let answer = try #require(await fixture.create([request]).first).get()
        let id = try MessagingFixture.id(in: answer)
        for isFinished in [true, false] {
            try await fixture.rows(
                """
                INSERT INTO jobs (org_id, id, action, filter, actor, last_id, total, finished_at)
                VALUES (\(fixture.orgID), \(ID<Job>.new()), 'cancel', '{"reference":"ref-of-ann","channel":["sms"]}', 'x', \(id), 1,
                        CASE WHEN \(isFinished) THEN now() END)
                """
            )
        }
        // A job that goes on says by its filter what it means.
        #expect(try await fixture.erase([id]) == .waits)
        try await fixture.rows("UPDATE jobs SET finished_at = now() WHERE finished_at IS NULL")
        #expect(try await fixture.erase([id]) == .done)
        #expect(try await fixture.traces(Self.traces) == [])
        #expect(try await fixture.count("SELECT count(*) AS count FROM idempotency_keys") == 0)
        #expect(
            try await fixture.count("SELECT count(*) AS count FROM jobs WHERE filter ->> 'channel' IS NOT NULL") == 2
        )
    }

    @Test func manyMessagesTakeManySteps() async throws {
        let fixture = try MessagingFixture()
        let ids = try await fixture.sendBatch(450)
        let customers = try await fixture.customers(of: ids)
        try await fixture.rows("UPDATE messages SET customer_id = \(customers[0])")
        #expect(try await fixture.erase(customers: [customers[0]]) == .done)
        #expect(try await fixture.count("SELECT count(*) AS count FROM messages WHERE erased_at IS NOT NULL") == 450)
        #expect(try await fixture.count("SELECT count(*) AS count FROM outbox") == 0)
        #expect(try await fixture.traces(["Message 7", "+1555100"]) == [])
    }

    @Test func theArchiveKeepsTheLinesOfOthers() async throws {
        let retention = try RetentionFixture()
        let fixture = try MessagingFixture()
        try await retention.limit(30, .archive)
        let old = try await retention.add(3, age: 31)
        try await retention.addHistory(to: old)
        let customers = try await retention.postgres.transaction(for: [retention.orgID]) { connection in
            try connection.query("SELECT customer_id FROM messages ORDER BY id").map {
                try $0.get("customer_id", as: CustomerID.self)
            }
        }
        try await withArchive { archive, url in
            try await retention.sweep(archive: archive)()
            let file = url.appending(path: try #require(try files(in: url).first))
            let before = try lines(of: file)
            for _ in 0..<2 {
                let state = try await fixture.erase(customers: [customers[1]], in: archive, of: retention.orgID)
                #expect(state == .done)
                let after = try lines(of: file)
                #expect(after[0] == before[0] && after[2] == before[2])
                #expect(after[1]["id"] == before[1]["id"])
                #expect(after[1]["status"] == before[1]["status"])
                #expect(after[1]["erased"] == true)
                #expect(!after[1].text.contains("Grüße") && !after[1].text.contains("15550000001"))
                #expect(after[1]["attempts"]?[0]?["outcome"] == before[1]["attempts"]?[0]?["outcome"])
            }
            #expect(try files(in: url).count == 1)
        }
    }

    private func send(_ fixture: MessagingFixture, _ fields: JSONObject? = nil) async throws -> MessageID {
        try await fixture.send("Geheimnis", to: "+15550002222", fields ?? self.words)
    }
}

extension MessagingFixture {
    /// Erases who got these messages, as the gateway does; to its end, or until it has to wait.
    @discardableResult
    fileprivate func erase(_ ids: [MessageID]) async throws -> ErasureAnswer.State {
        try await self.erase(customers: try await self.customers(of: ids))
    }

    @discardableResult
    fileprivate func erase(
        customers: [CustomerID] = [],
        conversations: [ConversationID] = [],
        addresses: [String] = [],
        in archive: ArchiveDirectory? = nil,
        of orgID: OrgID? = nil
    ) async throws -> ErasureAnswer.State {
        let marks = AddressMarks(masterKeys: MasterKeys(try MasterKey(base64: Self.masterKey)))
        let erase = EraseMessages(
            postgres: self.postgres,
            change: self.change,
            recipients: EraseRecipients(marks: marks),
            archive: archive
        )
        let acting = Acting(orgID: orgID ?? self.orgID, actor: "key:person", mode: .live)
        var request = ErasureRequest(
            customerIDs: customers,
            conversationIDs: conversations,
            marks: addresses.map { marks($0, of: orgID ?? self.orgID) },
            before: .now
        )
        while true {
            let answer = try await erase(request, for: acting, requestID: "r")
            guard case .goesOn(let cursor) = answer.state else { return answer.state }
            request.cursor = cursor
        }
    }

    fileprivate func customers(of ids: [MessageID]) async throws -> [CustomerID] {
        try await self.rows("SELECT customer_id FROM messages WHERE id = ANY (\(ids)::uuid[]) ORDER BY id").map {
            try $0.get("customer_id")
        }
    }

    /// Those of `texts` that any table still has.
    fileprivate func traces(_ texts: [String]) async throws -> [String] {
        let rows = try await self.postgres.transaction(for: [self.orgID]) { connection in
            try connection.pipeline([
                "SELECT t::text AS row FROM messages t", "SELECT t::text AS row FROM attempts t",
                "SELECT t::text AS row FROM provider_events t", "SELECT t::text AS row FROM inbound_events t",
                "SELECT t::text AS row FROM keyword_answers t", "SELECT t::text AS row FROM conversation_windows t",
                "SELECT t::text AS row FROM activities t", "SELECT t::text AS row FROM jobs t",
                "SELECT t::text AS row FROM audit_events t", "SELECT t::text AS row FROM outbox t",
                "SELECT t::text AS row FROM broadcast_recipients t",
                "SELECT t::text || encode(t.body, 'escape') AS row FROM idempotency_keys t",
            ]).joined().map { try $0.get("row", as: String.self) }.joined()
        }
        return texts.filter { rows.contains($0) }
    }
}
