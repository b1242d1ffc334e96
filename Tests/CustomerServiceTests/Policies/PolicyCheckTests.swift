import InternalAPI
import NIOHTTP1
import Postgres
import Shared
import TestSupport
import Testing

@testable import CustomerService

@Suite(.database(migrations: CustomerMigrations.all, role: "customers"), .timeLimit(.minutes(5)))
struct PolicyCheckTests {
    private static let phone = Address(kind: .phone, value: "+14155550100")

    /// What is known, as `status suppressed`, and the verdict for `otp`, `transactional`, `marketing` and marketing that needs
    /// an opt-in; an `a` is allowed, `s` suppressed, `o` opted out, `n` not opted in.
    @Test(arguments: [
        (ConsentStatus?.none, false, "aaan"), (.optedIn, false, "aaaa"), (.optedOut, false, "oooo"),
        (nil, true, "ssss"),
        (.optedIn, true, "ssss"), (.optedOut, true, "ssss"),
    ])
    func theVerdictFollowsFromWhatIsKnown(status: ConsentStatus?, isSuppressed: Bool, verdicts: String) {
        let standing = RecipientStanding(isSuppressed: isSuppressed, status: status)
        let asked: [(Category, Bool)] = [(.otp, true), (.transactional, true), (.marketing, false), (.marketing, true)]
        let letters = asked.map { (category, needsOptIn) -> String in
            let rules = SendingRules(marketingNeedsOptIn: needsOptIn)
            return switch standing.verdict(of: Self.check(.new(), .new(), .sms, category, rules: rules)) {
            case .allowed: "a"
            case .blocked(.suppressed): "s"
            case .blocked(.optedOut): "o"
            case .blocked(.notOptedIn): "n"
            case .blocked(.capped), .waits: "?"
            }
        }
        #expect(letters.joined() == verdicts)
    }

    @Test func aConsentIsForItsChannelAndPurpose() async throws {
        try await RunningService.run { service in
            let tenant = Tenant(service)
            let id = try await tenant.customer()
            let body = #"{"channel":"sms","purpose":"marketing","status":"opted_out"}"#
            #expect(try await tenant(.PUT, "/customers/\(id)/consents", body).status == 200)
            let customerID = try #require(CustomerID(id))
            let asked: [(Channel, Category)] = [
                (.sms, .marketing), (.sms, .transactional), (.sms, .otp), (.whatsapp, .marketing),
            ]
            let verdicts = try await service.api.checkPolicy(
                asked.map { Self.check(tenant.orgID, customerID, $0, $1) }
                    // Nobody, and another organization's, have never been asked.
                    + [
                        Self.check(tenant.orgID, .new(), .sms, .marketing),
                        Self.check(.new(), customerID, .sms, .marketing),
                    ]
            )
            #expect(verdicts == [.blocked(.optedOut), .allowed, .allowed, .allowed, .allowed, .allowed])
        }
    }

    /// A line of the do-not-contact list, and whether it stops an SMS.
    @Test(arguments: [
        (#"{"address":"+14155550100"}"#, true), (#"{"address":"+1 415 555 0100","channel":"sms"}"#, true),
        (#"{"address":"+14155550100","channel":"whatsapp"}"#, false), (#"{"address":"+14155550101"}"#, false),
        (#"{"address":"+14155550100","expires_at":"2999-01-01T00:00:00Z"}"#, true),
        (#"{"address":"14155550100","channel":"inapp"}"#, false),
    ])
    func theDoNotContactListStopsWhatItNames(line: String, stops: Bool) async throws {
        try await RunningService.run { service in
            let tenant = Tenant(service)
            let check = Self.check(tenant.orgID, .new(), .sms, .otp)
            let made = try await tenant(.POST, "/suppressions", line)
            #expect(made.status == 201)
            #expect(try await service.api.checkPolicy([check]) == [stops ? .blocked(.suppressed) : .allowed])
            #expect(try await service.api.checkPolicy([Self.check(.new(), .new(), .sms, .otp)]) == [.allowed])
            try await TestDatabase.connection.transaction(for: [tenant.orgID]) { connection in
                try connection.query("UPDATE suppressions SET expires_at = now() WHERE org_id = \(tenant.orgID)")
            }
            #expect(try await service.api.checkPolicy([check]) == [.allowed])
        }
    }

    @Test func aThousandAreAnsweredInOrderAndOneMoreIsTooMany() async throws {
        let orgs = (0..<3).map { _ in OrgID.new() }
        try await RunningService.run { service in
            let inbound = orgs.map { Inbound(orgID: $0) }
            let phones = (0..<1000).map { Address(kind: .phone, value: "+1415\(1_000_000 + $0)") }
            let received = try await service.api.receive(
                phones.enumerated().map { number, phone in
                    inbound[number % 3].message("\(number)", from: phone, keyword: number % 7 == 0 ? .stop : nil)
                }
            )
            let checks = received.enumerated().map { number, customer in
                Self.check(orgs[number % 3], customer.customerID, .sms, .transactional, phones[number])
            }
            let verdicts = try await service.api.checkPolicy(checks)
            #expect(verdicts == (0..<1000).map { $0 % 7 == 0 ? .blocked(.optedOut) : .allowed })
            let kind = CustomerAPI.MessageKind(channel: .sms, category: .transactional, rules: SendingRules())
            let answers = try await service.api.resolve(
                phones.enumerated().map { .init(.address(orgID: orgs[$0 % 3], $1), message: kind) }
            )
            #expect(answers.map(\.verdict) == verdicts)
            #expect(answers.map(\.resolved) == zip(received, phones).map { .found($0.customerID, $1) })
            await #expect(throws: Problem.self) { try await service.api.checkPolicy(checks + checks.prefix(1)) }
            await #expect(throws: Problem.self) {
                let address = Address(kind: .phone, value: "")
                return try await service.api.checkPolicy([Self.check(orgs[0], .new(), .sms, .otp, address)])
            }
        }
    }

    private static func check(
        _ orgID: OrgID,
        _ customerID: CustomerID,
        _ channel: Channel,
        _ category: Category,
        _ address: Address = Self.phone,
        rules: SendingRules = SendingRules(),
        stage: CustomerAPI.PolicyCheck.Stage = .sending,
        at time: Timestamp = .now
    ) -> CustomerAPI.PolicyCheck {
        CustomerAPI.PolicyCheck(
            orgID: orgID,
            messageID: .new(),
            customerID: customerID,
            address: address,
            channel: channel,
            category: category,
            stage: stage,
            rules: rules,
            at: time
        )
    }
}
