import AsyncHTTPClient
import ConversationService
import Foundation
import HTTPService
import InternalAPI
import NIOHTTP1
import Postgres
import Shared
import TestSupport
import Testing

@Suite(.database(migrations: ConversationMigrations.all, role: "conversations"), .timeLimit(.minutes(5)))
struct EraseTests {
    let ann = Contact()

    @Test func theAddressGoesAndWhatHappenedStays() async throws {
        try await RunningService.run { service in
            let other = Contact(orgID: self.ann.orgID)
            let received = try await service.api.receive([
                self.ann.message("wamid.14155550100", at: 10, channel: .whatsapp),
                other.message("wamid.other", at: 10, channel: .whatsapp),
            ])
            let before = try await service.call(
                .GET,
                "/conversations/\(received[0].conversationID)/activities",
                of: self.ann.orgID
            ).body
            for _ in 0..<2 {
                let answer = try await service.erase([self.ann.customerID], of: self.ann.orgID)
                #expect(answer.state == .done)
                #expect(answer.conversationIDs == [received[0].conversationID])
            }
            let path = "/conversations/\(received[0].conversationID)"
            let shown = try await service.call(.GET, path, of: self.ann.orgID).body
            #expect(shown["address"]?.string == "erased")
            #expect(shown["status"] == "closed")
            #expect(shown["last_inbound_at"]?.string == second(10).description)
            #expect(try await service.call(.GET, "\(path)/activities", of: self.ann.orgID).body == before)
            let rows = try await TestDatabase.connection.transaction(for: [self.ann.orgID]) { connection in
                try connection.pipeline([
                    "SELECT t::text AS row FROM conversations t", "SELECT t::text AS row FROM received_events t",
                    "SELECT t::text AS row FROM activities t",
                ]).joined().map { try $0.get("row", as: String.self) }
            }.joined()
            #expect(rows.contains("wamid.other"))
            #expect(rows.components(separatedBy: "+14155550100").count == 2, "the other's alone")
            #expect(!rows.contains("wamid.14155550100"))
        }
    }

    @Test func anothersOrganizationKeepsItsOwn() async throws {
        try await RunningService.run { service in
            let ids = try await service.api.resolve([self.ann.item])
            let answer = try await service.erase([self.ann.customerID], of: .new())
            #expect(answer.conversationIDs.isEmpty)
            let found = try await service.api.find([.init(orgID: self.ann.orgID, id: ids[0])])
            #expect(found[0]?.address == self.ann.address)
        }
    }
}

extension RunningService {
    fileprivate func erase(_ ids: [CustomerID], of orgID: OrgID) async throws -> ErasureAnswer {
        let tokens = self.tokens
        let client = InternalClient(.conversationService, client: .ofTest, baseURL: "http://127.0.0.1:\(self.port)") {
            try await tokens.issue(as: .apiGateway)
        }
        return try await ErasureAPI(client: client).erase(
            ErasureRequest(customerIDs: ids, before: .now),
            as: Acting(orgID: orgID, actor: "key:tests", mode: .live),
            deadline: .seconds(5)
        )
    }
}
