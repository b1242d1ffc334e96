import CustomerService
import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@Suite(.database(migrations: CustomerMigrations.all, role: "customers"), .timeLimit(.minutes(5)))
struct ReceiveTests {
    let inbound = Inbound(orgID: .new())
    let phone = Address(kind: .phone, value: "+14155550100")
    let bsuid = Address(kind: .whatsapp, value: "US.13491208655302741918")
    let email = Address(kind: .email, value: "ann@example.com")

    private var orgID: OrgID { self.inbound.orgID }

    @Test func aNewSenderBecomesACustomerWithAllAddressesAndTheName() async throws {
        try await RunningService.run { service in
            let item = self.inbound.message("1", from: self.bsuid, self.phone, name: "Ann")
            let first = try await service.api.receive([item])
            for _ in 1...3 { #expect(try await service.api.receive([item]) == first) }
            let resolved = try await service.api.resolve([
                .address(orgID: self.orgID, self.phone), .address(orgID: self.orgID, self.bsuid),
            ])
            #expect(resolved.map(\.customerID) == [first[0].customerID, first[0].customerID])
        }
        #expect(try await Stored.counts(of: self.orgID) == .init(customers: 1, identities: 2))
        #expect(try await Stored.names(of: self.orgID) == ["Ann"])
    }

    @Test func anAddressThatNobodyHasBecomesTheKnownSenders() async throws {
        try await RunningService.run { service in
            let known = try await service.api.receive([self.inbound.message("1", from: self.phone)])
            // Known is only the second.
            let next = try await service.api.receive([
                self.inbound.message("2", from: self.bsuid, self.phone, self.email)
            ])
            #expect(next == known)
            let later = try await service.api.receive([self.inbound.message("3", from: self.email)])
            #expect(later == known)
        }
        #expect(try await Stored.counts(of: self.orgID) == .init(customers: 1, identities: 3))
    }

    @Test func addressesOfTwoCustomersStayTheirsAndTheFirstInOrderIsTheSender() async throws {
        try await RunningService.run { service in
            let ann = try await service.api.receive([self.inbound.message("1", from: self.phone)])
            let bob = try await service.api.receive([self.inbound.message("2", from: self.bsuid)])
            #expect(ann != bob)
            #expect(try await service.api.receive([self.inbound.message("3", from: self.phone, self.bsuid)]) == ann)
            #expect(try await service.api.receive([self.inbound.message("4", from: self.bsuid, self.phone)]) == bob)
            #expect(try await service.api.receive([self.inbound.message("5", from: self.bsuid)]) == bob)
        }
        #expect(try await Stored.counts(of: self.orgID) == .init(customers: 2, identities: 2))
    }

    @Test func itemsOfOneCallSeeEachOther() async throws {
        try await RunningService.run { service in
            let answers = try await service.api.receive([
                self.inbound.message("1", from: self.phone, self.phone), self.inbound.message("2", from: self.email),
                self.inbound.message("3", from: self.phone, self.bsuid), self.inbound.message("4", from: self.bsuid),
            ])
            #expect(answers[0] == answers[2] && answers[2] == answers[3] && answers[0] != answers[1])
        }
        #expect(try await Stored.counts(of: self.orgID) == .init(customers: 2, identities: 3))
    }

    @Test func organizationsDoNotShareSenders() async throws {
        let other = OrgID.new()
        try await RunningService.run { service in
            let item = self.inbound.message("1", from: self.phone, keyword: .stop)
            let answers = try await service.api.receive([item, item.of(other), item])
            #expect(answers[0] == answers[2] && answers[0] != answers[1])
        }
        for orgID in [self.orgID, other] {
            #expect(try await Stored.counts(of: orgID) == .init(customers: 1, identities: 1))
            #expect(try await Stored.consents(of: orgID).count == 2)
        }
    }

    @Test func theNameThatTheOrganizationGaveStays() async throws {
        try await RunningService.run { service in
            _ = try await service.api.receive([self.inbound.message("1", from: self.phone)])
            try await TestDatabase.connection.transaction(for: [self.orgID]) { connection in
                try connection.query("UPDATE customers SET name = 'Mrs Lee' WHERE org_id = \(self.orgID)")
            }
            _ = try await service.api.receive([self.inbound.message("0", from: self.phone, name: "Ann", second: -9)])
        }
        #expect(try await Stored.names(of: self.orgID) == ["Mrs Lee"])
    }

    @Test func ofSeveralNamesTheFirstOneStays() async throws {
        try await RunningService.run { service in
            for (key, name, second) in [("2", "Annie", 2), ("3", "A. Lee", 3), ("1", "Ann", 1), ("4", nil, 0)] {
                _ = try await service.api.receive([
                    self.inbound.message(key, from: self.phone, name: name, second: second)
                ])
            }
        }
        #expect(try await Stored.names(of: self.orgID) == ["Ann"])
    }

    @Test(arguments: [
        (Keyword.stop, ["sms marketing opted_out", "sms transactional opted_out"]),
        (.start, ["sms marketing opted_in", "sms transactional opted_in"]), (.help, []),
    ])
    func aKeywordIsMeantForBothPurposesOfItsChannel(keyword: Keyword, consents: [String]) async throws {
        try await RunningService.run { service in
            _ = try await service.api.receive([self.inbound.message("1", from: self.phone, keyword: keyword)])
        }
        #expect(try await Stored.consents(of: self.orgID) == consents)
    }

    /// Keywords as they arrive: event key, second, word; and what counts in the end.
    @Test(arguments: [
        ([("1", 1, Keyword.stop), ("2", 2, .start)], "opted_in"),
        ([("2", 2, .start), ("1", 1, .stop)], "opted_in"),
        ([("1", 1, .start), ("2", 2, .stop), ("1", 1, .start)], "opted_out"),
        ([("b", 1, .stop), ("a", 1, .start)], "opted_out"),
        ([("a", 1, .stop), ("b", 1, .start)], "opted_in"),
        ([("B", 1, .stop), ("a", 1, .start)], "opted_in"),
    ])
    func theLaterKeywordCounts(words: [(String, Int, Keyword)], status: String) async throws {
        try await RunningService.run { service in
            for (key, second, keyword) in words {
                let item = self.inbound.message(key, from: self.phone, keyword: keyword, second: second)
                _ = try await service.api.receive([item])
            }
        }
        #expect(
            try await Stored.consents(of: self.orgID) == ["sms marketing \(status)", "sms transactional \(status)"]
        )
        // One row for each event and purpose, whether it counted or not.
        let changes = try await Stored.everything(of: self.orgID).filter { $0.hasPrefix("change") }
        #expect(changes.count == Set(words.map(\.0)).count * 2)
    }

    @Test func theSameKeyOfAnotherAccountIsAnotherEvent() async throws {
        try await RunningService.run { service in
            _ = try await service.api.receive([self.inbound.message("1", from: self.phone, keyword: .stop, second: 1)])
            let other = Inbound(orgID: self.orgID)
            _ = try await service.api.receive([other.message("1", from: self.phone, keyword: .start, second: 2)])
        }
        #expect(try await Stored.consents(of: self.orgID) == ["sms marketing opted_in", "sms transactional opted_in"])
    }

    @Test func anEventThatComesAgainAfterItsAddressChangedHandsChangesNothing() async throws {
        let stop = self.inbound.message("1", from: self.phone, keyword: .stop)
        try await RunningService.run { service in
            let bob = try await service.api.receive([self.inbound.message("0", from: self.email)])
            _ = try await service.api.receive([stop])
            try await TestDatabase.connection.transaction(for: [self.orgID]) { connection in
                try connection.query(
                    "UPDATE identities SET customer_id = \(bob[0].customerID) WHERE org_id = \(self.orgID)"
                )
            }
            #expect(try await service.api.receive([stop]) == bob)
        }
        #expect(try await Stored.consents(of: self.orgID).count == 2)
    }
}
