import Foundation
import InternalAPI
import NIOHTTP1
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// Inbound messages as inbound-gateway brings them, and what people can do with them.
@Suite(.messaging, .timeLimit(.minutes(5))) struct ReceiveRoutesTests {
    @Test func messagesAreStoredByACall() async throws {
        let fixture = try MessagingFixture()
        let account = try await fixture.account(.twilio)
        try await RunningService.run { service in
            let items = (0..<1000).map { fixture.inbound(to: account, event: "\($0)") }
            let answer = try await self.receive(items, service)
            #expect(answer.status == 200)
            #expect(answer.body["items"]?.array?.count == 1000)
            #expect(try await self.receive(items, service).body == answer.body)
            #expect(try await fixture.count("SELECT count(*) AS count FROM messages") == 1000)
            let refused = try await self.receive(items + [fixture.inbound(to: account)], service)
            #expect(refused.status == 422)
            #expect(refused.code == "too-many-items")
            #expect(try await self.receive([], service).body["items"] == [])
        }
    }

    @Test func whatCanNotBeStoredIsRefusedByName() async throws {
        let fixture = try MessagingFixture()
        let account = try await fixture.account(.twilio)
        try await RunningService.run { service in
            let items = [
                fixture.inbound(to: account, from: .init(kind: .phone, value: "")),
                fixture.inbound(to: account, from: .init(kind: .phone, value: String(repeating: "1", count: 321))),
                fixture.inbound(to: account, event: String(repeating: "k", count: 401)),
                fixture.inbound(to: account, event: "a\u{0}"),
            ]
            let answer = try await self.receive(items, service)
            #expect(answer.status == 422)
            #expect(
                answer.pointers == [
                    "/items/0/message/senders/0", "/items/1/message/senders/0", "/items/2/message/eventKey",
                    "/items/3/message/eventKey",
                ]
            )
            let longest = fixture.inbound(
                to: account,
                event: String(repeating: "k", count: 400),
                from: .init(kind: .phone, value: String(repeating: "1", count: 320))
            )
            #expect(try await self.receive([longest], service).status == 200)
        }
    }

    /// A message that a customer sent can be shown and deleted, and nothing else.
    @Test func actsThatSendAreConflicts() async throws {
        let fixture = try MessagingFixture()
        let account = try await fixture.account(.twilio)
        let id = try #require(try await fixture.receive(fixture.inbound(to: account)).first)
        try await RunningService.run { service in
            let path = "/internal/messages/\(id)"
            let acts: [(HTTPMethod, String, String?)] = [
                (.POST, "\(path)/cancel", nil), (.POST, "\(path)/retry", nil), (.POST, "\(path)/send-now", nil),
                (.POST, "\(path)/resolve", #"{"outcome": "resend"}"#), (.PATCH, path, #"{"body": "x"}"#),
            ]
            for (method, path, body) in acts {
                let answer = try await service.call(method, path, for: fixture.orgID, body: body)
                #expect(answer.status == 409, "\(path)")
                #expect(answer.code == "message-state")
                #expect(answer.body["detail"]?.string?.hasPrefix("A customer sent it") == true)
            }
            #expect(try await fixture.shown(id)?["status"] == "delivered")
            #expect(try await service.call(.DELETE, path, for: fixture.orgID).status == 204)
            #expect(try await service.call(.GET, path, for: fixture.orgID).status == 404)
        }
    }

    @Test func actsOnManyAndCountsDoNotMeanThem() async throws {
        let fixture = try MessagingFixture()
        let account = try await fixture.account(.twilio)
        let ids = try await fixture.receive(fixture.inbound(to: account), fixture.inbound(to: account))
        try await RunningService.run { service in
            for action in ["cancel", "retry", "delete", "send-now"] {
                let body = #"{"action": "\#(action)", "filter": {"channel": "sms"}}"#
                let answer = try await service.call(.POST, "/internal/messages/bulk", for: fixture.orgID, body: body)
                #expect(answer.code == "nothing-matches", "\(action)")
            }
            for path in ["stats/deliveries", "stats/queue", "failed"] {
                let answer = try await service.call(.GET, "/internal/\(path)", for: fixture.orgID)
                #expect(answer.body["data"] == [], "\(path)")
            }
            for (direction, count) in [("inbound", 2), ("outbound", 0)] {
                let path = "/internal/messages?direction=\(direction)"
                let answer = try await service.call(.GET, path, for: fixture.orgID)
                #expect(answer.body["data"]?.array?.count == count)
            }
        }
        #expect(try await fixture.act(.retry, on: ids[0]) == .refused(.inbound))
    }

    private func receive(
        _ items: [MessagingAPI.Receive],
        _ service: RunningService
    ) async throws -> RunningService.Answer {
        let body = try JSONEncoder().encode(MessagingAPI.ReceiveRequest(items: items))
        return try await service.call(
            .POST,
            "/internal/messages/receive",
            for: nil,
            body: String(decoding: body, as: UTF8.self)
        )
    }
}
