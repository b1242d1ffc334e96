import InternalAPI
import NIOHTTP1
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

@Suite(.messaging, .timeLimit(.minutes(5))) struct BulkRoutesTests {
    private static let path = "/internal/messages/bulk"

    @Test func eachIdHasAResultOfItsOwnInOrder() async throws {
        let fixture = try MessagingFixture()
        let sent = try await fixture.send()
        let lease = try #require(try await fixture.leaseNow().first)
        try await fixture.tell(.accepted(providerMessageID: "SM1"), of: lease)
        let leased = try await fixture.send()
        _ = try await fixture.leaseNow()
        let queued = try await fixture.send()
        let stranger = try await MessagingFixture().send()
        let ids = ["\(queued)", "\(MessageID.new())", "nonsense", "\(leased)", "\(sent)", "\(stranger)", "\(queued)"]
        try await RunningService.run { service in
            let answer = try await service.call(.POST, Self.path, for: fixture.orgID, body: Self.body("cancel", ids))
            #expect(answer.status == 200)
            let results = try #require(answer.body["data"]?.array)
            #expect(results.map { $0["id"]?.string } == ids)
            #expect(results.map { $0["status"]?.int } == [200, 404, 404, 409, 409, 404, 200])
            let codes = results.map { $0["error"]?["code"]?.string }
            #expect(codes == [nil, "not-found", "not-found", "message-in-flight", "message-state", "not-found", nil])
            let detail = results[4]["error"]?["detail"]?.string
            #expect(detail == "It is sent; a message can be cancelled while it is scheduled or queued.")
        }
        #expect(try await fixture.status(of: queued) == .cancelled)
        #expect(try await fixture.status(of: leased) == .sending)
    }

    @Test func whatIsRemovedIsAnswered204() async throws {
        let fixture = try MessagingFixture()
        let ids = try await fixture.sendBatch(3).map { "\($0)" }
        try await RunningService.run { service in
            let answer = try await service.call(.POST, Self.path, for: fixture.orgID, body: Self.body("delete", ids))
            #expect(answer.body["data"]?.array?.map { $0["status"]?.int } == [204, 204, 204])
        }
        #expect(try await fixture.count("SELECT count(*) AS count FROM messages") == 0)
    }

    @Test func aThousandAreTakenAtOnce() async throws {
        let fixture = try MessagingFixture()
        let ids = try await fixture.sendBatch(1000).map { "\($0)" }
        try await RunningService.run { service in
            let answer = try await service.call(.POST, Self.path, for: fixture.orgID, body: Self.body("cancel", ids))
            #expect(answer.body["data"]?.array?.count { $0["status"] == 200 } == 1000)
        }
    }

    @Test(arguments: [
        (#"{"ids": ["a"]}"#, "/action"), (#"{"action": "resend", "ids": ["a"]}"#, "/action"),
        (#"{"action": "cancel"}"#, "/ids"),
        (#"{"action": "cancel", "ids": []}"#, "/ids"), (#"{"action": "cancel", "ids": [7]}"#, "/ids/0"),
        (#"{"action": "cancel", "ids": "a"}"#, "/ids"), (#"{"action": "cancel", "ids": ["a"], "filter": {}}"#, "/ids"),
        (#"{"action": "cancel", "filter": {"status": "gone"}}"#, "/filter/status"),
        (#"{"action": "cancel", "filter": {"color": "red"}}"#, "/filter/color"),
        (#"{"action": "cancel", "filter": []}"#, "/filter"),
        (#"{"action": "cancel", "ids": ["a"], "now": true}"#, "/now"),
        (body("cancel", Array(repeating: "a", count: 1001)), "/ids"),
    ])
    func whatIsWrongIsNamed(body: String, pointer: String) async throws {
        let orgID = OrgID.new()
        try await RunningService.run { service in
            let answer = try await service.call(.POST, Self.path, for: orgID, body: body)
            #expect(answer.status == 422)
            #expect(answer.code == "invalid-request")
            #expect(answer.pointers == [pointer])
        }
    }

    @Test func aFilterBeginsAJobThatTellsHowFarItGot() async throws {
        let fixture = try MessagingFixture()
        try await fixture.sendBatch(7)
        try await RunningService.run { service in
            let body = #"{"action": "cancel", "filter": {"status": "queued", "channel": ["sandbox", "sms"]}}"#
            let answer = try await service.call(.POST, Self.path, for: fixture.orgID, body: body)
            #expect(answer.status == 202)
            #expect(answer.body["total"] == 7)
            #expect(answer.body["filter"] == ["status": ["queued"], "channel": ["sandbox", "sms"]])
            let id = try #require(answer.body["id"]?.string)
            #expect(answer.headers.first(name: "location") == "/api/v1/jobs/\(id)")
            let done = try await Self.finished(id, of: fixture.orgID, service)
            #expect(["total", "processed", "changed", "refused"].map { done[$0]?.int } == [7, 7, 7, 0])
            #expect(done["action"] == "cancel")
            #expect(done["finished_at"]?.isNull == false)
            // Nobody else knows of it.
            let stranger = try await service.call(.GET, "/internal/jobs/\(id)", for: .new())
            #expect(stranger.status == 404)
            let list = try await service.call(.GET, "/internal/jobs", for: fixture.orgID)
            #expect(list.body["data"]?.array?.map { $0["id"]?.string } == [id])
            let again = try await service.call(.POST, Self.path, for: fixture.orgID, body: body)
            #expect(again.status == 422)
            #expect(again.code == "nothing-matches")
            #expect(
                again.body["detail"]?.string == "A message can be meant by cancel while it is one of scheduled, queued."
            )
        }
        #expect(try await fixture.count("SELECT count(*) AS count FROM messages WHERE status = 'cancelled'") == 7)
    }

    @Test func jobsAreListedNewestFirstAndPaged() async throws {
        let fixture = try MessagingFixture()
        for reference in ["a", "b", "c"] {
            try await fixture.send("x", to: "+15550000001", ["reference": .string(reference)])
        }
        try await RunningService.run { service in
            var ids: [String] = []
            for reference in ["a", "b", "c"] {
                let body = #"{"action": "delete", "filter": {"reference": "\#(reference)"}}"#
                let answer = try await service.call(.POST, Self.path, for: fixture.orgID, body: body)
                ids.append(try #require(answer.body["id"]?.string))
                _ = try await Self.finished(ids.last ?? "", of: fixture.orgID, service)
            }
            let first = try await service.call(.GET, "/internal/jobs?limit=2", for: fixture.orgID)
            #expect(first.body["data"]?.array?.map { $0["id"]?.string } == [ids[2], ids[1]])
            let cursor = try #require(first.body["next_cursor"]?.string)
            let second = try await service.call(.GET, "/internal/jobs?limit=2&cursor=\(cursor)", for: fixture.orgID)
            #expect(second.body["data"]?.array?.map { $0["id"]?.string } == [ids[0]])
            #expect(second.body["next_cursor"]?.isNull == true)
        }
    }

    static func finished(_ id: String, of orgID: OrgID, _ service: RunningService) async throws -> JSONValue {
        while true {
            let answer = try await service.call(.GET, "/internal/jobs/\(id)", for: orgID)
            try #require(answer.status == 200)
            if answer.body["status"] == "done" { return answer.body }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    private static func body(_ action: String, _ ids: [String]) -> String {
        let body: JSONValue = ["action": .string(action), "ids": .array(ids.map { .string($0) })]
        return body.text
    }
}
