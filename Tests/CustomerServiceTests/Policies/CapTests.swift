import InternalAPI
import NIOHTTP1
import Postgres
import Shared
import TestSupport
import Testing

@testable import CustomerService

/// How many messages a recipient gets within a time that moves.
@Suite(.database(migrations: CustomerMigrations.all, role: "customers"), .timeLimit(.minutes(5)))
struct CapTests {
    private static let phone = Address(kind: .phone, value: "+14155550100")
    private let orgID = OrgID.new()
    private let start = Timestamp(microseconds: 1_796_000_000_000_000)

    @Test func whatIsSentCountsForItsTimeAndNotLonger() async throws {
        try await RunningService.run { service in
            let customer = try await self.customer(service)
            let days = [0, 1, 2, 29, 30, 31].map { self.start + .seconds($0 * 86_400) }
            var verdicts: [CustomerAPI.PolicyVerdict] = []
            for day in days { verdicts += try await service.api.checkPolicy([self.check(customer, cap: 2, at: day)]) }
            // Thirty days after the first one there is room for one more, and after the second for another.
            #expect(verdicts == [.allowed, .allowed, .blocked(.capped), .blocked(.capped), .allowed, .allowed])
        }
    }

    @Test func aMessageCountsOnceHoweverOftenItIsAskedAbout() async throws {
        try await RunningService.run { service in
            let customer = try await self.customer(service)
            let first = self.check(customer, cap: 1)
            for _ in 0..<3 { #expect(try await service.api.checkPolicy([first]) == [.allowed]) }
            let second = self.check(customer, cap: 1)
            #expect(try await service.api.checkPolicy([second]) == [.blocked(.capped)])
            // It was not sent after all.
            let send = CustomerAPI.CountedSend(orgID: self.orgID, messageID: first.messageID)
            for _ in 0..<2 { try await service.api.release([send, .init(orgID: .new(), messageID: second.messageID)]) }
            #expect(try await service.api.checkPolicy([second]) == [.allowed])
            #expect(try await service.api.checkPolicy([first]) == [.blocked(.capped)])
        }
    }

    /// Neither at its creation nor in a dry run, but a dry run says what would be.
    @Test func onlyWhatIsSentIsCounted() async throws {
        try await RunningService.run { service in
            let customer = try await self.customer(service)
            for stage: CustomerAPI.PolicyCheck.Stage in [.creation, .trial, .trial, .sending] {
                #expect(try await service.api.checkPolicy([self.check(customer, cap: 1, stage: stage)]) == [.allowed])
            }
            let later = try await service.api.checkPolicy([
                self.check(customer, cap: 1, stage: .creation), self.check(customer, cap: 1, stage: .trial),
                self.check(nil, cap: 1, stage: .trial), self.check(customer, cap: 1, category: .otp),
            ])
            #expect(later == [.allowed, .blocked(.capped), .blocked(.capped), .allowed])
        }
    }

    /// However the questions fall together, within one call and between many.
    @Test func noMoreThanTheCapAreAllowedAtTheSameTime() async throws {
        try await RunningService.run { service in
            let customers = [try await self.customer(service), try await self.customer(service, "+14155550101")]
            let allowed = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<12 {
                    group.addTask {
                        let checks = (0..<6).map { self.check(customers[$0 % 2], cap: 5) }
                        return try await service.api.checkPolicy(checks).count { $0 == .allowed }
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(allowed == 10)
            let counted = try await TestDatabase.connection.transaction(for: [self.orgID]) { connection in
                try connection.query("SELECT count(*) AS count FROM sends").first?.get("count", as: Int.self)
            }
            #expect(counted == 10)
        }
    }

    @Test func whatTwoWereSentIsTheSurvivorsAfterAMerge() async throws {
        try await RunningService.run { service in
            let (first, second) = (try await self.customer(service), try await self.customer(service, "+14155550101"))
            for customer in [first, second] {
                #expect(try await service.api.checkPolicy([self.check(customer, cap: 2)]) == [.allowed])
            }
            let tenant = Tenant(service, orgID: self.orgID)
            #expect(try await tenant(.POST, "/customers/\(first)/merge", #"{"from":"\#(second)"}"#).status == 200)
            for customer in [first, second] {
                #expect(try await service.api.checkPolicy([self.check(customer, cap: 2)]) == [.blocked(.capped)])
            }
        }
    }

    /// An opt-out comes before everything, and quiet hours before the count.
    @Test func theStricterRuleIsNamed() async throws {
        try await RunningService.run { service in
            let tenant = Tenant(service, orgID: self.orgID)
            let id = try await tenant.customer(
                #"{"timezone":"Asia/Tokyo","identities":[{"kind":"phone","value":"+14155550100"}]}"#
            )
            let customer = try #require(CustomerID(id))
            let rules = SendingRules(cap: 1, quietHours: QuietHours(start: 1260, end: 480, timezone: "UTC"))
            let night = try #require(Timestamp("2026-11-26T13:00:00Z"))
            let waits = try await service.api.checkPolicy([
                self.check(customer, rules: rules, at: night),
                self.check(customer, rules: rules, at: night, category: .transactional),
                self.check(customer, rules: rules, at: night, stage: .creation),
            ])
            let morning = try #require(Timestamp("2026-11-26T23:00:00Z"))
            #expect(waits == [.waits(until: morning), .allowed, .allowed])
            let after = try await service.api.checkPolicy([
                self.check(customer, rules: rules, at: morning), self.check(customer, rules: rules, at: morning),
            ])
            #expect(after == [.allowed, .blocked(.capped)])
            let consent = #"{"channel":"sms","purpose":"marketing","status":"opted_out"}"#
            #expect(try await tenant(.PUT, "/customers/\(id)/consents", consent).status == 200)
            #expect(
                try await service.api.checkPolicy([self.check(customer, rules: rules, at: night)])
                    == [.blocked(.optedOut)]
            )
        }
    }

    private func customer(_ service: RunningService, _ phone: String = Self.phone.value) async throws -> CustomerID {
        let body = #"{"identities":[{"kind":"phone","value":"\#(phone)"}]}"#
        return try #require(CustomerID(try await Tenant(service, orgID: self.orgID).customer(body)))
    }

    private func check(
        _ customerID: CustomerID?,
        cap: Int = 30,
        rules: SendingRules? = nil,
        at time: Timestamp? = nil,
        category: Shared.Category = .marketing,
        stage: CustomerAPI.PolicyCheck.Stage = .sending
    ) -> CustomerAPI.PolicyCheck {
        CustomerAPI.PolicyCheck(
            orgID: self.orgID,
            messageID: .new(),
            customerID: customerID,
            address: Self.phone,
            channel: .sms,
            category: category,
            stage: stage,
            rules: rules ?? SendingRules(cap: cap),
            at: time ?? self.start
        )
    }
}
