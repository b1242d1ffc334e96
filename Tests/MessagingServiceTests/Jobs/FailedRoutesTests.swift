import InternalAPI
import NIOHTTP1
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// Messages that failed: listed with their attempts, and flushed by who says that it is meant.
@Suite(.messaging, .timeLimit(.minutes(5))) struct FailedRoutesTests {
    @Test func theyAreListedNewestFirstWithTheirAttempts() async throws {
        let (fixture, failed) = try await self.filled()
        try await RunningService.run { service in
            let answer = try await service.call(.GET, "/internal/failed", for: fixture.orgID)
            #expect(answer.status == 200)
            let data = try #require(answer.body["data"]?.array)
            #expect(data.map { $0["id"]?.string } == failed.reversed().map { "\($0)" })
            for message in data {
                #expect(message["status"] == "failed")
                #expect(message["attempts"]?.array?.count == 1)
                #expect(message["attempts"]?[0]?["outcome"] == "failed")
                #expect(message["attempts"]?[0]?["error"]?["code"] == message["error"]?["code"])
            }
            let stranger = try await service.call(.GET, "/internal/failed", for: .new())
            #expect(stranger.body["data"] == [])
        }
    }

    @Test func theListIsFilteredAndPaged() async throws {
        let (fixture, failed) = try await self.filled()
        try await RunningService.run { service in
            func ids(_ query: String) async throws -> [String?]? {
                let answer = try await service.call(.GET, "/internal/failed?\(query)", for: fixture.orgID)
                return answer.body["data"]?.array?.map { $0["id"]?.string }
            }
            #expect(try await ids("error_code=21211") == ["\(failed[0])"])
            #expect(try await ids("error_code=999") == [])
            #expect(try await ids("channel=sms") == [])
            #expect(try await ids("channel=sms,sandbox")?.count == 3)
            #expect(try await ids("account_id=\(AccountID.new())") == [])
            #expect(try await ids("created_before=2020-01-01T00:00:00Z") == [])
            let first = try await service.call(.GET, "/internal/failed?limit=2", for: fixture.orgID)
            let cursor = try #require(first.body["next_cursor"]?.string)
            #expect(try await ids("limit=2&cursor=\(cursor)") == ["\(failed[0])"])
            for query in ["status=failed", "limit=0", "limit=201", "channel=fax", "created_after=now", "cursor=x"] {
                let answer = try await service.call(.GET, "/internal/failed?\(query)", for: fixture.orgID)
                #expect(answer.status == 400, "\(query)")
                #expect(answer.code == "invalid-query")
            }
        }
    }

    @Test(arguments: ["", "{}", #"{"confirm": false}"#, #"{"confirm": null}"#])
    func withoutAConfirmationNothingIsFlushed(body: String) async throws {
        let (fixture, _) = try await self.filled()
        try await RunningService.run { service in
            let answer = try await Self.flush(body, fixture, service)
            #expect(answer.status == 422)
            #expect(answer.code == "confirmation-required")
            #expect(answer.body["detail"]?.string == "3 failed messages would be removed.")
        }
        #expect(try await fixture.count("SELECT count(*) AS count FROM messages WHERE status = 'failed'") == 3)
        #expect(try await fixture.count("SELECT count(*) AS count FROM jobs") == 0)
    }

    @Test func theCountIsThatOfTheFilter() async throws {
        let (fixture, _) = try await self.filled()
        try await RunningService.run { service in
            let answer = try await Self.flush(#"{"filter": {"error_code": "21211"}}"#, fixture, service)
            #expect(answer.body["detail"]?.string == "1 failed messages would be removed.")
        }
    }

    @Test func withAConfirmationTheyAreRemovedAndNothingElse() async throws {
        let (fixture, failed) = try await self.filled()
        try await RunningService.run { service in
            let answer = try await Self.flush(#"{"confirm": true}"#, fixture, service)
            #expect(answer.status == 202)
            #expect(answer.body["action"] == "delete")
            let id = try #require(answer.body["id"]?.string)
            let done = try await BulkRoutesTests.finished(id, of: fixture.orgID, service)
            #expect(done["changed"] == 3)
            let list = try await service.call(.GET, "/internal/failed", for: fixture.orgID)
            #expect(list.body["data"] == [])
            // There is nothing left to confirm.
            #expect(try await Self.flush(#"{"confirm": true}"#, fixture, service).code == "nothing-matches")
        }
        // One was sent, and one is queued.
        #expect(try await fixture.count("SELECT count(*) AS count FROM messages") == 2)
        #expect(try await fixture.count("SELECT count(*) AS count FROM attempts") == 1)
        #expect(
            try await fixture.count("SELECT count(*) AS count FROM audit_events WHERE action = 'DELETED'")
                == failed.count
        )
    }

    @Test(arguments: [
        (#"{"confirm": "yes"}"#, "/confirm"), (#"{"confirm": true, "filter": {"status": "sent"}}"#, "/filter/status"),
        (#"{"confirm": true, "filter": {"status": ["failed", "sent"]}}"#, "/filter/status"),
        (#"{"confirm": true, "all": true}"#, "/all"), (#"{"confirm": true, "filter": 7}"#, "/filter"),
    ])
    func whatIsWrongIsNamed(body: String, pointer: String) async throws {
        let (fixture, _) = try await self.filled()
        try await RunningService.run { service in
            let answer = try await Self.flush(body, fixture, service)
            #expect(answer.status == 422)
            #expect(answer.pointers == [pointer])
        }
        #expect(try await fixture.count("SELECT count(*) AS count FROM messages WHERE status = 'failed'") == 3)
    }

    private static func flush(
        _ body: String,
        _ fixture: MessagingFixture,
        _ service: RunningService
    ) async throws -> RunningService.Answer {
        let body = body.isEmpty ? nil : body
        return try await service.call(.POST, "/internal/failed/flush", for: fixture.orgID, body: body)
    }

    /// Three failed messages, the first for another reason, one that was sent and one that is queued.
    private func filled() async throws -> (MessagingFixture, [MessageID]) {
        let fixture = try MessagingFixture()
        var failed: [MessageID] = []
        for code in ["21211", "131026", "131026", nil] {
            let id = try await fixture.send()
            let lease = try #require(try await fixture.leaseNow().first)
            if let code {
                try await fixture.tell(.rejected(ProviderError(code: code, detail: "Refused.")), of: lease)
                failed.append(id)
            } else {
                try await fixture.tell(.accepted(providerMessageID: "SM1"), of: lease)
            }
        }
        try await fixture.send()
        return (fixture, failed)
    }
}
