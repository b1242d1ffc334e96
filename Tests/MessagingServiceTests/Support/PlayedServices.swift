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
    /// Everybody is a new customer, and nobody is known by an id.
    static func playedByTests(
        _ conversations: PlayedConversations = .eachNew,
        checkPolicy: @escaping PolicyGate.Ask = { items in items.map { _ in .allowed } }
    ) -> Self {
        let book = ConversationBook()
        return .init(
            resolveCustomers: { items in
                items.map { item in
                    switch item {
                    case .address(_, let address): .found(.new(), address)
                    case .customer: .noSuchCustomer
                    }
                }
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
            checkPolicy: checkPolicy
        )
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
