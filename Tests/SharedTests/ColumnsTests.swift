import InternalAPI
import Shared
import Testing

/// What is written in columns is read as it was, whatever follows what.
struct ColumnsTests {
    private static let orgs = (0..<2).map { _ in OrgID.new() }

    @Test(arguments: [0, 1, 2, 7, 1000])
    func questionsOfCustomers(count: Int) throws {
        let recipients = (0..<count).map { index -> CustomerAPI.Resolve in
            let orgID = Self.orgs[index / 3 % 2]
            return index.isMultiple(of: 3)
                ? .customer(orgID: orgID, id: .new(), kinds: index.isMultiple(of: 2) ? [] : [.phone, .email])
                : .address(
                    orgID: orgID,
                    Address(kind: index.isMultiple(of: 2) ? .email : .phone, value: "e\u{301}\(index)\u{0}")
                )
        }
        let kind = CustomerAPI.MessageKind(channel: .email, category: .marketing, rules: SendingRules())
        let some = recipients.enumerated().map {
            CustomerAPI.Question($1, message: $0.isMultiple(of: 5) ? nil : kind)
        }
        for questions in [recipients.map { .init($0) }, some] {
            #expect(try Self.copied(CustomerAPI.ResolveRequest(questions: questions)).questions == questions)
        }
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
        let judged = items.enumerated().map { index, resolved -> CustomerAPI.Answer in
            guard case .found = resolved, !index.isMultiple(of: 7) else { return .init(resolved) }
            return .init(resolved, verdict: index.isMultiple(of: 3) ? .blocked(.optedOut) : .allowed)
        }
        for answers in [items.map { .init($0) }, judged] {
            #expect(try Self.copied(CustomerAPI.ResolveAnswer(answers: answers)).answers == answers)
        }
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
