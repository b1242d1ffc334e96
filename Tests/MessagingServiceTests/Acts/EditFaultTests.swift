import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// Edits that are no edits, and edits that come at the wrong moment.
@Suite(.messaging, .timeLimit(.minutes(5))) struct EditFaultTests {
    @Test(arguments: [
        ("[]", ""), ("{}", ""), (#"{"status": "sent"}"#, "/status"), (#"{"channel": "sms"}"#, "/channel"),
        (#"{"account_id": "0190a0b0-0000-7000-8000-000000000001"}"#, "/account_id"),
        (#"{"idempotency_key": "a"}"#, "/idempotency_key"), (#"{"to": "nobody"}"#, "/to"), (#"{"to": null}"#, "/to"),
        (#"{"body": null}"#, "/body"), (#"{"body": ""}"#, "/body"),
        (#"{"body": "x", "template": {"code": "y"}}"#, "/body"),
        (#"{"category": "spam"}"#, "/category"), (#"{"scheduled_at": "2020-01-01T00:00:00Z"}"#, "/scheduled_at"),
        (#"{"scheduled_at": "2999-01-01T00:00:00Z"}"#, "/scheduled_at"),
        (#"{"scheduled_at": "2020-01-01T00:00:00"}"#, "/scheduled_at"),
        (#"{"expires_at": "2020-01-01T00:00:00Z"}"#, "/expires_at"),
        (#"{"retry": {"delays": ["-1s"]}}"#, "/retry/delays"),
        (#"{"retry": {"max_retries": 6}}"#, "/retry/max_retries"), (#"{"on_uncertain": "?"}"#, "/on_uncertain"),
        (#"{"metadata": []}"#, "/metadata"), (#"{"reference": ""}"#, "/reference"),
    ])
    func whatIsWrongIsNamedAndChangesNothing(text: String, pointer: String) async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.send()
        let body = try JSONValue(parsing: Array(text.utf8))
        let problem = await #expect(throws: Problem.self) { try await fixture.edit(id, body) }
        #expect(problem?.status == 422)
        #expect(problem?.code == "invalid-request")
        #expect(problem?.violations.map(\.pointer).contains(pointer) == true, "\(String(describing: problem))")
        #expect(try await fixture.count("SELECT count(*) AS count FROM audit_events WHERE action = 'UPDATED'") == 0)
        #expect(try await fixture.leaseNow().map(\.content.body) == ["Hello"])
    }

    /// Either the edit came first, and the lease has the new text, or it was refused, and the old text is on its way.
    @Test func ofAnEditAndALeaseOneComesFirst() async throws {
        let fixture = try MessagingFixture()
        for turn in 0..<150 {
            let id = try await fixture.send("old", to: "+15550000001")
            async let wasEdited = Self.edit(id, to: "new", fixture)
            // The moments differ from turn to turn.
            try await Task.sleep(for: .microseconds(turn * 100))
            var lease = try await fixture.leaseNow().first
            let isNew = try await wasEdited
            // A claim passes over what an edit has in its hands.
            if lease == nil { lease = try await fixture.offerAndLease().first }
            let leased = try #require(lease)
            #expect(leased.content.body == (isNew ? "new" : "old"), "turn \(turn)")
            try await fixture.tell(.accepted(providerMessageID: "SM\(turn)"), of: leased)
        }
    }

    /// The same in either order, of which those moments may bring one only.
    @Test(arguments: [true, false]) func whatComesFirstStands(isEditFirst: Bool) async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.send("old", to: "+15550000001")
        if isEditFirst { #expect(try await Self.edit(id, to: "new", fixture)) }
        #expect(try await fixture.offerAndLease().map(\.content.body) == [isEditFirst ? "new" : "old"])
        #expect(try await !Self.edit(id, to: "late", fixture))
    }

    /// False when a worker had it already.
    private static func edit(_ id: MessageID, to body: String, _ fixture: MessagingFixture) async throws -> Bool {
        do {
            try await fixture.edit(id, ["body": .string(body)])
            return true
        } catch ActRefusal.inFlight {
            return false
        }
    }

    @Test func ofTwoEditsAtOnceOneIsToldOfTheOther() async throws {
        let fixture = try MessagingFixture()
        for turn in 0..<20 {
            let id = try await fixture.send("old", to: "+15550000001")
            let results = await withTaskGroup(of: (String, (any Error)?).self) { group in
                for body in ["a", "b"] {
                    group.addTask {
                        do {
                            try await fixture.edit(id, ["body": .string(body)])
                            return (body, nil)
                        } catch {
                            return (body, error)
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            let won = results.filter { $0.1 == nil }.map(\.0)
            for case let (_, error?) in results { #expect((error as? Problem)?.code == "message-changed") }
            let content: String = try await fixture.row(
                "SELECT content ->> 'body' AS body FROM messages WHERE id = \(id)"
            )
            .get("body")
            #expect(won.contains(content), "turn \(turn): \(won) and \(content)")
        }
    }

    @Test(arguments: ["cancelled", "sent", "uncertain"]) func whatIsOverIsNotEdited(status: String) async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.send()
        if status == "cancelled" {
            try await fixture.act(.cancel, on: id)
        } else {
            let lease = try #require(try await fixture.leaseNow().first)
            let error = ProviderError(code: "timeout", detail: "No answer.")
            try await fixture.tell(status == "sent" ? .accepted(providerMessageID: "1") : .uncertain(error), of: lease)
        }
        let refusal = await #expect(throws: ActRefusal.self) { try await fixture.edit(id, ["body": "new"]) }
        #expect(refusal?.problem.status == 409)
        #expect(refusal?.problem.detail?.hasPrefix("It is \(status); ") == true)
    }
}
