import APIGateway
import Foundation
import HTTPTypes
import Hummingbird
import InternalAPI
import NIOHTTP1
import Postgres
import Shared
import TestSupport
import Testing

/// Erasing and exporting a customer, with stubs in the services' place.
@Suite(.database(migrations: GatewayMigrations.all, role: "gateway"), .timeLimit(.minutes(5)))
struct ErasureTests {
    private let id = CustomerID.new()
    private let merged = CustomerID.new()
    private let conversation = ConversationID.new()

    @Test func everyServiceIsAskedWithWhatTheOnesBeforeKnew() async throws {
        try await Gateway.run { gateway in
            try self.play(gateway)
            let (_, key) = try await gateway.tenant()
            let answer = try await gateway.call(.POST, "/api/v1/customers/\(self.merged)/erase", key: key.secret)
            #expect(answer.status == 202)
            #expect(answer.headers.first(name: "location") == "/api/v1/erasures/\(answer.id)")
            try await self.await("done", answer.id, gateway, key.secret)
            let shown = try await gateway.call(.GET, "/api/v1/erasures/\(answer.id)", key: key.secret).json
            #expect(shown["customer_id"]?.string == self.id.description)
            #expect(shown["services"]?.array?.allSatisfy { $0["status"] == "done" } == true)
            let messages = try #require(try gateway.messaging.erasures.last)
            #expect(messages.customerIDs == [self.id, self.merged])
            #expect(messages.conversationIDs == [self.conversation])
            #expect(try gateway.inbox.erasures.last?.marks == ["erased:m"])
            // Step by step, where a service says so.
            #expect(try gateway.customers.erasures.map(\.cursor) == [nil, "answers"])
            // By any id it is the same one, and it is done.
            let again = try await gateway.call(.POST, "/api/v1/customers/\(self.id)/erase", key: key.secret)
            #expect(again.status == 200)
            #expect(again.id == answer.id)
            let trail = try await TestDatabase.connection.transaction(for: [
                try #require(OrgID(shown["org_id"]?.string ?? ""))
            ]) {
                try $0.query("SELECT entity_id::text AS id FROM audit_events WHERE action = 'ERASED'")
            }
            #expect(try trail.map { try $0.get("id") } == [self.id.description])
        }
    }

    @Test func aServiceThatIsAwayKeepsNoOtherFromItAndFollowsWhenItIsBack() async throws {
        try await Gateway.run { gateway in
            try self.play(gateway)
            gateway.messaging.answer(StubService.away)
            let (_, key) = try await gateway.tenant()
            let id = try await gateway.call(.POST, "/api/v1/customers/\(self.id)/erase", key: key.secret).id
            try await eventually {
                let shown = try await gateway.call(.GET, "/api/v1/erasures/\(id)", key: key.secret).json
                let done = shown["services"]?.array?.filter { $0["status"] == "done" }.compactMap {
                    $0["service"]?.string
                }
                return Set(done ?? []) == ["customer-service", "conversation-service", "inbound-gateway"]
                    && shown["last_error"]?.string == "messaging-service: unavailable"
            }
            let running = try await gateway.call(.GET, "/api/v1/erasures?status=running", key: key.secret).json
            #expect(running["data"]?.array?.count == 1)
            try self.play(gateway)
            try await self.await("done", id, gateway, key.secret)
            #expect(try gateway.inbox.erasures.count == 1)
        }
    }

    @Test func whileCustomerServiceIsAwayTheWishIsKept() async throws {
        try await Gateway.run { gateway in
            try self.play(gateway)
            gateway.customers.answer(StubService.away)
            let (_, key) = try await gateway.tenant()
            let answer = try await gateway.call(.POST, "/api/v1/customers/\(self.id)/erase", key: key.secret)
            #expect(answer.status == 202)
            try self.play(gateway)
            try await self.await("done", answer.id, gateway, key.secret)
            #expect(try gateway.messaging.erasures.last?.customerIDs.contains(self.merged) == true)
        }
    }

    @Test func whatHasToSettleIsAskedAgain() async throws {
        try await Gateway.run { gateway in
            try self.play(gateway)
            gateway.messaging.answer { [messaging = gateway.messaging] _ in
                try StubService.erasure(ErasureAnswer(try messaging.erasures.count < 3 ? .waits : .done))
            }
            let (_, key) = try await gateway.tenant()
            let id = try await gateway.call(.POST, "/api/v1/customers/\(self.id)/erase", key: key.secret).id
            try await self.await("done", id, gateway, key.secret)
            #expect(try gateway.messaging.erasures.count == 3)
        }
    }

    @Test func afterARestoreAllIsBegunAnewAlsoFromAFile() async throws {
        try await Gateway.run { gateway in
            try self.play(gateway)
            let (org, key) = try await gateway.tenant()
            let id = try await gateway.call(.POST, "/api/v1/customers/\(self.id)/erase", key: key.secret).id
            try await self.await("done", id, gateway, key.secret)
            let file = try await gateway.call(.GET, "/api/v1/erasures", key: key.secret).json["data"]
            let path = "/api/v1/orgs/\(org)/erasures/reapply"
            #expect(try await gateway.call(.POST, path, key: key.secret).status == 404)
            let before = try gateway.messaging.erasures.count
            let answer = try await gateway.operate(.POST, path)
            #expect(answer.status == 202)
            #expect(try answer.json == ["reapplied": 1])
            try await self.await("done", id, gateway, key.secret)
            #expect(try gateway.messaging.erasures.count > before)

            let orgID = try #require(OrgID(org))
            try await Self.forgetAll(of: orgID)
            #expect(try await gateway.operate(.POST, path).json == ["reapplied": 0])
            let body: JSONValue = ["erasures": file ?? .null]
            for _ in 0..<2 { #expect(try await gateway.operate(.POST, path, body: body.text).json == ["reapplied": 1]) }
            try await self.await("done", id, gateway, key.secret)
            let known = try await gateway.call(.GET, "/api/v1/erasures/\(id)", key: key.secret).json
            for name in ["customer_id", "customer_ids", "conversation_ids", "address_marks", "created_at"] {
                #expect(known[name] == file?[0]?[name], "\(name)")
            }
            let foreign = try await gateway.org("B")
            #expect(
                try await gateway.operate(.POST, "/api/v1/orgs/\(foreign)/erasures/reapply", body: body.text).status
                    == 422
            )
        }
    }

    @Test func anExportIsWholeOrEndsEarly() async throws {
        try await Gateway.run { gateway in
            try self.play(gateway)
            let (_, key) = try await gateway.tenant()
            let path = "/api/v1/customers/\(self.id)/export"
            let export = try await gateway.call(.GET, path, key: key.secret)
            #expect(export.status == 200)
            #expect(try export.json["complete"] == true)
            // Two pages of each of two ids.
            #expect(try export.json["messages"]?.array?.count == 4)
            #expect(try export.json["address_marks"] == nil)
            #expect(export.body.hasSuffix(#""complete":true}"#))
            let trail = try await gateway.operate(.GET, "/api/v1/orgs")
            #expect(trail.status == 200)

            gateway.messaging.answer { call in
                guard call.target.hasPrefix("/internal/exports") else { return try Self.list(call) }
                return try await StubService.away(call)
            }
            await #expect(throws: (any Error).self) { try await gateway.call(.GET, path, key: key.secret) }
            gateway.messaging.answer(StubService.away)
            #expect(try await gateway.call(.GET, path, key: key.secret).status == 503)
        }
    }

    @Test(arguments: ["scheduled", "uncertain"])
    func whoIsStillToGetAMessageIsNotDeleted(status: String) async throws {
        try await Gateway.run { gateway in
            try self.play(gateway)
            let (_, key) = try await gateway.tenant()
            gateway.messaging.answer { call in
                let statuses = call.query["status"]?.split(separator: ",").map(String.init) ?? []
                let isTheirs = call.query["customer_id"] == self.merged.description && statuses.contains(status)
                return StubService.json(.ok, #"{"data":[\#(isTheirs ? #"{"id":"m"}"# : "")],"next_cursor":null}"#)
            }
            let refused = try await gateway.call(.DELETE, "/api/v1/customers/\(self.id)", key: key.secret)
            #expect(refused.status == 409)
            #expect(refused.code == "customer-has-unsent-messages")
            #expect(!gateway.customers.calls.contains { $0.method == "DELETE" })
            try self.play(gateway)
            #expect(try await gateway.call(.DELETE, "/api/v1/customers/\(self.id)", key: key.secret).status == 204)
        }
    }

    private func await(_ status: String, _ id: String, _ gateway: Gateway, _ key: String) async throws {
        try await eventually {
            try await gateway.call(.GET, "/api/v1/erasures/\(id)", key: key).json["status"]?.string == status
        }
    }

    /// As if this gateway's database were from before.
    private static func forgetAll(of orgID: OrgID) async throws {
        let owner = try await PostgresConnection(TestDatabase.url(as: "postgres"))
        _ = try await owner.transaction(for: [orgID]) { try $0.query("DELETE FROM erasures WHERE org_id = \(orgID)") }
        await owner.close()
    }

    /// Services that know one customer, with another merged into them.
    private func play(_ gateway: Gateway) throws {
        let known = ErasureAnswer(.done, customerIDs: [self.id, self.merged], marks: ["erased:m"])
        let profile =
            #"{"customer":{"id":"\#(self.id)"},"merged_ids":["\#(self.merged)"],"consents":[],"suppressions":[],"#
            + #""counters":{},"address_marks":["erased:m"]}"#
        gateway.customers.answer { call in
            switch (call.method, call.target) {
            case ("POST", "/internal/erasures"):
                let request = try InternalJSON.decode(ErasureRequest.self, from: Data(call.body.utf8))
                var answer = known
                if request.cursor == nil { answer.state = .goesOn(cursor: "answers") }
                return try StubService.erasure(answer)
            case ("GET", let target) where target.hasPrefix("/internal/erasures/"):
                return try StubService.erasure(known)
            case ("GET", let target) where target.hasSuffix("/export"): return StubService.json(.ok, profile)
            case ("DELETE", _): return Response(status: .noContent)
            default: return try Self.list(call)
            }
        }
        let conversation = self.conversation
        gateway.conversations.answer { call in
            guard call.method == "POST" else { return try Self.list(call) }
            return try StubService.erasure(ErasureAnswer(.done, conversationIDs: [conversation]))
        }
        for service in [gateway.messaging, gateway.inbox] {
            service.answer { call in
                guard call.target == "/internal/erasures" else { return try Self.list(call) }
                return try StubService.erasure(ErasureAnswer(.done))
            }
        }
    }

    /// Two pages of a list of messages, and nothing in all others.
    private static func list(_ call: StubService.Call) throws -> Response {
        guard call.target.hasPrefix("/internal/exports/messages") else {
            return StubService.json(.ok, #"{"data":[],"next_cursor":null}"#)
        }
        let next = call.query["cursor"] == nil ? #""2""# : "null"
        return StubService.json(.ok, #"{"data":[{"id":"m"}],"next_cursor":\#(next)}"#)
    }
}

extension StubService {
    /// What it was asked to erase.
    fileprivate var erasures: [ErasureRequest] {
        get throws {
            try self.calls.filter { $0.method == "POST" && $0.target == "/internal/erasures" }.map {
                try InternalJSON.decode(ErasureRequest.self, from: Data($0.body.utf8))
            }
        }
    }

    fileprivate static func erasure(_ answer: ErasureAnswer) throws -> Response {
        self.json(.ok, String(decoding: try InternalJSON.encode(answer), as: UTF8.self))
    }
}
