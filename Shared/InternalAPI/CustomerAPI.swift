package import Shared

/// The client of customer-service, and the types both sides compile against.
package struct CustomerAPI: Sendable {
    let client: InternalClient

    package init(client: InternalClient) {
        self.client = client
    }

    /// Finds the customer of each address, makes those that are missing, and says whether they want what is to be sent:
    /// `POST /internal/customers/resolve`.
    ///
    /// Repeating it changes nothing. At most 1,000 questions, of any organizations. What was answered 200 before this call, be it
    /// an opt-out, counts.
    /// - Returns: one answer for each question, in their order.
    package func resolve(_ questions: [Question]) async throws -> [Answer] {
        let answer: ResolveAnswer = try await self.client.post(
            "/internal/customers/resolve",
            ResolveRequest(questions: questions),
            repeatable: true
        )
        return answer.answers
    }

    package struct ResolveRequest: Sendable {
        package let questions: [Question]

        package init(questions: [Question]) {
            self.questions = questions
        }
    }

    package struct ResolveAnswer: Sendable {
        package let answers: [Answer]

        package init(answers: [Answer]) {
            self.answers = answers
        }
    }

    /// Who gets a new message, and what of it matters for whether they want it.
    package struct Question: Sendable, Equatable {
        package let recipient: Resolve
        /// Nil where nothing is to be judged.
        package let message: MessageKind?

        package init(_ recipient: Resolve, message: MessageKind? = nil) {
            self.recipient = recipient
            self.message = message
        }
    }

    package struct MessageKind: Codable, Sendable, Equatable {
        package let channel: Channel
        package let category: Category
        /// The organization's.
        package let rules: SendingRules

        package init(channel: Channel, category: Category, rules: SendingRules) {
            self.channel = channel
            self.category = category
            self.rules = rules
        }
    }

    package struct Answer: Sendable, Equatable {
        package let resolved: Resolved
        /// At the stage `creation`; nil where nobody was found, or nothing was to be judged.
        package let verdict: PolicyVerdict?

        package init(_ resolved: Resolved, verdict: PolicyVerdict? = nil) {
            self.resolved = resolved
            self.verdict = verdict
        }
    }

    /// Whom a message is for: an address, or a customer who has one.
    package enum Resolve: Sendable, Equatable {
        case address(orgID: OrgID, Address)
        /// The customer's first address of one of `kinds`, in their order.
        case customer(orgID: OrgID, id: CustomerID, kinds: [AddressKind])

        package var orgID: OrgID {
            switch self {
            case .address(let orgID, _): orgID
            case .customer(let orgID, _, _): orgID
            }
        }
    }

    package enum Resolved: Sendable, Equatable {
        case found(CustomerID, Address)
        case noSuchCustomer
        /// The customer exists, but has no address of the kinds asked for.
        case noSuchAddress
    }
}
