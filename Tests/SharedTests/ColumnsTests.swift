import InternalAPI
import Shared
import Testing

/// What is written in columns is read as it was, whatever follows what.
struct ColumnsTests {
    private static let orgs = (0..<2).map { _ in OrgID.new() }

    @Test(arguments: [0, 1, 2, 7, 1000])
    func questionsOfCustomers(count: Int) throws {
        let items = (0..<count).map { index -> CustomerAPI.Resolve in
            let orgID = Self.orgs[index / 3 % 2]
            return index.isMultiple(of: 3)
                ? .customer(orgID: orgID, id: .new(), kinds: index.isMultiple(of: 2) ? [] : [.phone, .email])
                : .address(
                    orgID: orgID,
                    Address(kind: index.isMultiple(of: 2) ? .email : .phone, value: "e\u{301}\(index)\u{0}")
                )
        }
        #expect(try Self.copied(CustomerAPI.ResolveRequest(items: items)).items == items)
    }

    @Test(arguments: [0, 1, 2, 7, 1000])
    func answersOfCustomers(count: Int) throws {
        let items = (0..<count).map { index -> CustomerAPI.Resolved in
            switch index % 4 {
            case 0: .noSuchCustomer
            case 1: .noSuchAddress
            default: .found(.new(), Address(kind: index.isMultiple(of: 2) ? .email : .phone, value: "\(index)"))
            }
        }
        #expect(try Self.copied(CustomerAPI.ResolveAnswer(items: items)).items == items)
    }

    @Test(arguments: [0, 1, 2, 7, 1000])
    func conversations(count: Int) throws {
        let items = (0..<count).map { index in
            ConversationAPI.Resolve(
                orgID: Self.orgs[index % 2],
                customerID: .new(),
                accountID: .new(),
                channel: index.isMultiple(of: 3) ? .sms : .email,
                address: Address(kind: .phone, value: "\(index)")
            )
        }
        #expect(try Self.copied(ConversationAPI.ResolveRequest(items: items)).items == items)
        let ids = items.map { _ in ConversationID.new() }
        #expect(try Self.copied(ConversationAPI.ResolveAnswer(items: ids)).items == ids)
    }

    @Test(arguments: [0, 1, 2, 7, 1000])
    func policies(count: Int) throws {
        let items = (0..<count).map { index in
            CustomerAPI.PolicyCheck(
                orgID: Self.orgs[index / 5 % 2],
                messageID: .new(),
                customerID: index.isMultiple(of: 4) ? nil : .new(),
                address: Address(kind: .phone, value: "\(index)"),
                channel: .sms,
                category: index.isMultiple(of: 3) ? .marketing : .transactional,
                stage: index.isMultiple(of: 2) ? .sending : .creation,
                rules: SendingRules(cap: index.isMultiple(of: 7) ? nil : 3, capDays: 7),
                at: .now
            )
        }
        #expect(try Self.copied(CustomerAPI.PolicyRequest(items: items)).items == items)
        let verdicts = (0..<count).map { index -> CustomerAPI.PolicyVerdict in
            switch index % 5 {
            case 0: .blocked(.capped)
            case 1: .waits(until: .now)
            default: .allowed
            }
        }
        #expect(try Self.copied(CustomerAPI.PolicyAnswer(items: verdicts)).items == verdicts)
    }

    private static func copied<Value: Codable>(_ value: Value) throws -> Value {
        try InternalJSON.decode(Value.self, from: InternalJSON.encode(value))
    }
}
