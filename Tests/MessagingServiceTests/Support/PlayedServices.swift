import InternalAPI
import Shared
import Synchronization

@testable import MessagingService

/// Which conversation the played conversation-service gives to a message.
enum PlayedConversations: Sendable {
    /// Each message has a new one.
    case eachNew
    /// The messages of one account to one recipient are one.
    case byRecipient
    /// There is one, which is found by its id.
    case known(ConversationAPI.Found)
}

extension PrepareMessages.Calls {
    /// Everybody is a new customer, and nobody is known by an id; of everybody the same is `known`.
    static func playedByTests(
        _ conversations: PlayedConversations = .eachNew,
        known: PlayedValues = PlayedValues(),
        checkPolicy: @escaping PolicyGate.Ask = { items in items.map { _ in .allowed } }
    ) -> Self {
        let book = ConversationBook()
        return .init(
            resolveCustomers: { questions in
                let found = questions.map { question -> CustomerAPI.Resolved in
                    switch question.recipient {
                    case .address(_, let address): .found(.new(), address)
                    case .customer: .noSuchCustomer
                    }
                }
                let checks = zip(questions, found).map { question, resolved in question.check(of: resolved) }
                var verdicts = try await checkPolicy(checks.compactMap(\.self))[...]
                return zip(found, checks).map { .init($0, verdict: $1 == nil ? nil : verdicts.popFirst()) }
            },
            findConversations: { items in
                guard case .known(let found) = conversations else { return items.map { _ in nil } }
                return items.map { $0.id == found.id ? found : nil }
            },
            resolveConversations: { items in
                switch conversations {
                case .eachNew: items.map { _ in .new() }
                case .byRecipient: items.map { book.conversation(of: $0) }
                case .known(let found): items.map { _ in found.id }
                }
            },
            checkPolicy: checkPolicy,
            customerValues: { known.answer($0) }
        )
    }
}

extension CustomerAPI.Question {
    fileprivate func check(of resolved: CustomerAPI.Resolved) -> CustomerAPI.PolicyCheck? {
        guard let message, case .found(let id, let address) = resolved else { return nil }
        return .init(
            orgID: self.recipient.orgID,
            messageID: .new(),
            customerID: id,
            address: address,
            channel: message.channel,
            category: message.category,
            stage: .creation,
            rules: message.rules,
            at: .now
        )
    }
}

/// What the played customer-service knows of everybody, and what it was asked.
final class PlayedValues: Sendable {
    private let values: [String: String]
    private let asked = Mutex<[[CustomerAPI.ValuesQuestion]]>([])

    init(_ values: [String: String] = [:]) {
        self.values = values
    }

    /// The questions of each call.
    var calls: [[CustomerAPI.ValuesQuestion]] { self.asked.withLock { $0 } }

    func answer(_ questions: [CustomerAPI.ValuesQuestion]) -> [[String: String]?] {
        self.asked.withLock { $0.append(questions) }
        return questions.map { question in self.values.filter { question.names.contains($0.key) } }
    }
}

/// The conversations of each account with each address.
private final class ConversationBook: Sendable {
    private struct Key: Hashable {
        let orgID: OrgID
        let accountID: AccountID
        let address: Address
    }

    private let conversations = Mutex<[Key: ConversationID]>([:])

    func conversation(of item: ConversationAPI.Resolve) -> ConversationID {
        let key = Key(orgID: item.orgID, accountID: item.accountID, address: item.address)
        return self.conversations.withLock { conversations in
            if let known = conversations[key] { return known }
            let new = ConversationID.new()
            conversations[key] = new
            return new
        }
    }
}
