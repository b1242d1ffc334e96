import InternalAPI
import NIOHTTP1
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// Acts on one message as the api-gateway forwards them.
@Suite(.messaging, .timeLimit(.minutes(5))) struct ActRoutesTests {
    @Test func anActIsAnsweredWithTheMessageAsItIsThen() async throws {
        let fixture = try MessagingFixture()
        let time = Timestamp.now + .seconds(3600)
        let id = try await fixture.send("Hello", to: "+15550000001", ["scheduled_at": .string("\(time)")])
        try await RunningService.run { service in
            let edited = try await service.call(
                .PATCH,
                "/internal/messages/\(id)",
                for: fixture.orgID,
                body: #"{"body": "new"}"#
            )
            #expect(edited.status == 200)
            #expect(edited.body["body"] == "new")
            #expect(edited.body["status"] == "scheduled")
            let now = try await service.call(.POST, "/internal/messages/\(id)/send-now", for: fixture.orgID, body: "{}")
            #expect(now.status == 200)
            #expect(now.body["status"] == "queued")
            let cancelled = try await service.call(.POST, "/internal/messages/\(id)/cancel", for: fixture.orgID)
            #expect(cancelled.status == 200)
            #expect(cancelled.body["status"] == "cancelled")
            #expect(cancelled.body["id"]?.string == "\(id)")
            let timeline = try await service.call(.GET, "/internal/messages/\(id)/timeline", for: fixture.orgID)
            let types = timeline.body["data"]?.array?.map { $0["type"]?.string }
            #expect(types == ["created", "edited", "sent_now", "cancelled"])
            let removed = try await service.call(.DELETE, "/internal/messages/\(id)", for: fixture.orgID)
            #expect(removed.status == 204)
            #expect(removed.body.isNull)
            #expect(try await service.call(.GET, "/internal/messages/\(id)", for: fixture.orgID).status == 404)
        }
    }

    @Test func whatTheStateForbidsIsAConflictThatSaysWhatIsAllowed() async throws {
        let fixture = try MessagingFixture()
        let queued = try await fixture.send()
        try await RunningService.run { service in
            for (act, body, allowed) in [
                ("retry", "{}", "a message can be retried when it has failed"),
                ("resolve", #"{"outcome": "sent"}"#, "only an uncertain message has to be resolved"),
            ] {
                let path = "/internal/messages/\(queued)/\(act)"
                let answer = try await service.call(.POST, path, for: fixture.orgID, body: body)
                #expect(answer.status == 409)
                #expect(answer.code == "message-state")
                #expect(answer.body["detail"]?.string == "It is queued; \(allowed).")
            }
        }
    }

    @Test func whatAWorkerHasIsInFlightForAll() async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.send()
        _ = try await fixture.leaseNow()
        try await RunningService.run { service in
            for (method, act, body) in Self.acts {
                let answer = try await service.call(
                    method,
                    "/internal/messages/\(id)\(act)",
                    for: fixture.orgID,
                    body: body
                )
                #expect(answer.status == 409, "\(act)")
                #expect(answer.code == "message-in-flight", "\(act)")
            }
        }
        #expect(try await fixture.status(of: id) == .sending)
    }

    @Test func whatIsNotThereAndWhatBelongsToOthersIsNotFound() async throws {
        let fixture = try MessagingFixture()
        let stranger = try await MessagingFixture().send()
        try await RunningService.run { service in
            for id in ["\(MessageID.new())", "\(stranger)", "nonsense"] {
                for (method, act, body) in Self.acts {
                    let answer = try await service.call(
                        method,
                        "/internal/messages/\(id)\(act)",
                        for: fixture.orgID,
                        body: body
                    )
                    #expect(answer.status == 404, "\(id)\(act)")
                    #expect(answer.code == "not-found")
                }
            }
        }
    }

    @Test(arguments: [
        ("/cancel", #"{"force": true}"#, "/force"), ("/retry", #"{"delays": []}"#, "/delays"),
        ("/send-now", #"{"at": "now"}"#, "/at"), ("/resolve", "{}", "/outcome"),
        ("/resolve", #"{"outcome": "delivered"}"#, "/outcome"),
        ("/resolve", #"{"outcome": "sent", "why": "x"}"#, "/why"),
    ])
    func whatIsWrongIsNamed(act: String, body: String, pointer: String) async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.send()
        try await RunningService.run { service in
            let answer = try await service.call(.POST, "/internal/messages/\(id)\(act)", for: fixture.orgID, body: body)
            #expect(answer.status == 422)
            #expect(answer.code == "invalid-request")
            #expect(answer.pointers == [pointer])
        }
        #expect(try await fixture.status(of: id) == .queued)
    }

    @Test func whatIsWrongWithAnEditIsNamed() async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.send()
        try await RunningService.run { service in
            for (body, pointer) in [
                (#"{"scheduled_at": "2020-01-01T00:00:00Z"}"#, "/scheduled_at"), (#"{"status": "sent"}"#, "/status"),
                (#"{"retry": {"delays": ["-1s"]}}"#, "/retry/delays"),
            ] {
                let answer = try await service.call(.PATCH, "/internal/messages/\(id)", for: fixture.orgID, body: body)
                #expect(answer.status == 422)
                #expect(answer.pointers == [pointer])
            }
        }
    }

    /// Every act on one message: its method, what follows the message's path, and its body.
    private static let acts: [(HTTPMethod, String, String?)] = [
        (.POST, "/cancel", nil), (.POST, "/retry", nil), (.POST, "/send-now", nil),
        (.POST, "/resolve", #"{"outcome": "failed"}"#), (.PATCH, "", #"{"body": "new"}"#), (.DELETE, "", nil),
    ]
}
