import HTTPService
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// An account that is deleted is gone for everybody but the history of its messages.
@Suite(.messaging) struct DeleteAccountTests {
    @Test func nothingIsLeftButItsHistory() async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.account(.whatsappCloud)
        let message = try await fixture.send("Hello", to: "+14155550100", ["channel": "whatsapp"])
        try await fixture.act(.cancel, on: message)
        try await fixture.delete(id)
        await #expect(throws: Problem.notFound) { try await fixture.delete(id) }
        let row = try await fixture.row(
            "SELECT credentials IS NULL AS is_empty, number FROM channel_accounts WHERE id = \(id)"
        )
        #expect(try row.get("is_empty"))
        #expect(try row.getIfPresent("number", as: String.self) == nil)
        for directory in ["account_directory", "number_directory"] {
            #expect(try await fixture.entries(of: id, in: directory) == 0)
        }
        #expect(try await fixture.acts(of: id.description) == ["delete"])
        #expect(try await fixture.shown(message)?["account_id"]?.string == "\(id)")
        // Neither chosen nor named, and its name and its number are free again.
        await #expect(throws: (any Error).self) {
            try await fixture.send("Hello", to: "+14155550100", ["channel": "whatsapp"])
        }
        let next = try await fixture.account(.whatsappCloud)
        #expect(next != id)
        let other = try await fixture.send("Hello", to: "+14155550100", ["channel": "whatsapp"])
        #expect(try await fixture.shown(other)?["account_id"]?.string == "\(next)")
    }

    @Test func whatIsStillToBeSentKeepsIt() async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.account(.whatsappCloud)
        let message = try await fixture.send("Hello", to: "+14155550100", ["channel": "whatsapp"])
        let refusal = await #expect(throws: Problem.self) { try await fixture.delete(id) }
        #expect(refusal?.status == 409)
        #expect(refusal?.code == "account-in-use")
        try await fixture.act(.cancel, on: message)
        try await fixture.delete(id)
    }

    /// Added in the moment in which it was deleted: who chose the account before, and stores the message after it.
    @Test func aMessageThatCameTooLateIsSkipped() async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.account(.whatsappCloud)
        let message = try await fixture.send("Hello", to: "+14155550100", ["channel": "whatsapp"])
        try await fixture.postgres.transaction(for: [fixture.orgID]) { connection in
            try AccountStore.delete(id, of: fixture.orgID, on: connection)
        }
        #expect(try await fixture.offerAndLease().isEmpty)
        let shown = try #require(try await fixture.shown(message))
        #expect(shown["status"] == "skipped")
        #expect(shown["error"]?["code"] == "account-deleted")
    }
}

extension MessagingFixture {
    fileprivate func delete(_ id: AccountID) async throws {
        try await DeleteAccount(postgres: self.postgres)(id, for: self.acting, requestID: "r")
    }

    fileprivate func entries(of id: AccountID, in directory: String) async throws -> Int {
        directory == "account_directory"
            ? try await self.count("SELECT count(*) AS count FROM account_directory WHERE account_id = \(id)")
            : try await self.count("SELECT count(*) AS count FROM number_directory WHERE account_id = \(id)")
    }
}
