import Foundation
package import InternalAPI
import Postgres
import Secrets
package import Shared

/// Finds out all that a message needs before it can be written: its account, customer, conversation, and what it says.
package struct PrepareMessages: Sendable {
    /// The calls to other services, as their clients make them.
    package struct Calls: Sendable {
        package typealias Call<Item, Answer> = @Sendable ([Item]) async throws -> [Answer]

        var resolveCustomers: Call<CustomerAPI.Question, CustomerAPI.Answer>
        let findConversations: Call<ConversationAPI.Find, ConversationAPI.Found?>
        let resolveConversations: Call<ConversationAPI.Resolve, ConversationID>
        let checkPolicy: Call<CustomerAPI.PolicyCheck, CustomerAPI.PolicyVerdict>
        let customerValues: FillTemplates.AskCustomers

        package init(
            resolveCustomers: @escaping Call<CustomerAPI.Question, CustomerAPI.Answer>,
            findConversations: @escaping Call<ConversationAPI.Find, ConversationAPI.Found?>,
            resolveConversations: @escaping Call<ConversationAPI.Resolve, ConversationID>,
            checkPolicy: @escaping Call<CustomerAPI.PolicyCheck, CustomerAPI.PolicyVerdict>,
            customerValues: @escaping FillTemplates.AskCustomers
        ) {
            self.resolveCustomers = resolveCustomers
            self.findConversations = findConversations
            self.resolveConversations = resolveConversations
            self.checkPolicy = checkPolicy
            self.customerValues = customerValues
        }

        package init(customers: CustomerAPI, conversations: ConversationAPI) {
            self.init(
                resolveCustomers: { try await customers.resolve($0) },
                findConversations: { try await conversations.find($0) },
                resolveConversations: { try await conversations.resolve($0) },
                checkPolicy: { try await customers.checkPolicy($0) },
                customerValues: { try await customers.values($0) }
            )
        }
    }

    let accounts: ChooseAccounts
    let calls: Calls
    let templates: FillTemplates
    let links: UnsubscribeLinks

    package init(accounts: ChooseAccounts, calls: Calls, links: UnsubscribeLinks) {
        self.accounts = accounts
        self.calls = calls
        self.links = links
        self.templates = FillTemplates(postgres: accounts.postgres, askCustomers: calls.customerValues)
    }

    /// - Returns: one result for each request, in their order.
    package func callAsFunction(_ requests: [CreateRequest]) async -> [Result<PreparedMessage, any Error>] {
        var drafts = requests.map { Draft($0) }
        do {
            try await self.findConversations(of: &drafts)
            try await self.chooseAccounts(of: &drafts)
            try await self.findTemplates(of: &drafts)
            try await self.resolveCustomers(of: &drafts)
            try await self.fillTemplates(of: &drafts)
            try await self.judge(&drafts)
        } catch {
            // A service that can not be asked concerns all that are still open.
            for index in drafts.indices where drafts[index].failure == nil { drafts[index].failure = error }
        }
        let now = Timestamp.now
        return drafts.map { $0.prepared(at: now, self.links) }
    }

    private func findConversations(of drafts: inout [Draft]) async throws {
        let asked = drafts.indices.compactMap { index -> (Int, ConversationAPI.Find)? in
            guard case .conversation(let id) = drafts[index].request.message.recipient else { return nil }
            return (index, ConversationAPI.Find(orgID: drafts[index].request.orgID, id: id))
        }
        guard !asked.isEmpty else { return }
        for ((index, _), found) in zip(asked, try await self.calls.findConversations(asked.map(\.1))) {
            guard let found, found.address.value != Erased.text else {
                drafts[index].failure = Problem.notFound
                continue
            }
            drafts[index].use(found)
        }
    }

    private func chooseAccounts(of drafts: inout [Draft]) async throws {
        let open = drafts.indices.filter { drafts[$0].failure == nil }
        let wishes = open.map { index in
            ChooseAccounts.Wish(
                orgID: drafts[index].request.orgID,
                mode: drafts[index].request.mode,
                channel: drafts[index].channel ?? .sandbox,
                accountID: drafts[index].accountID
            )
        }
        for (index, choice) in zip(open, try await self.accounts(wishes)) {
            switch choice {
            case .success(let account): drafts[index].account = account
            case .failure(let problem): drafts[index].failure = problem
            }
        }
    }

    private func findTemplates(of drafts: inout [Draft]) async throws {
        let asked = drafts.indices.compactMap { index in drafts[index].templateUse.map { (index, $0) } }
        for ((index, _), found) in zip(asked, try await self.templates.find(asked.map(\.1))) {
            switch found {
            case .success(let filling): drafts[index].filling = filling
            case .failure(let problem): drafts[index].failure = problem
            }
        }
    }

    private func fillTemplates(of drafts: inout [Draft]) async throws {
        let open = drafts.indices.compactMap { index in
            drafts[index].openTemplate(self.links).map { (index, $0) }
        }
        for ((index, _), filled) in zip(open, try await self.templates.fill(open.map(\.1))) {
            switch filled {
            case .success(var content):
                content.takeEnvelope(of: drafts[index].request.message.content)
                drafts[index].content = content
            case .failure(let problem): drafts[index].failure = problem
            }
        }
    }

    private func resolveCustomers(of drafts: inout [Draft]) async throws {
        let open = drafts.indices.filter { drafts[$0].failure == nil && drafts[$0].customerID == nil }
        guard !open.isEmpty else { return }
        let askedAt = ContinuousClock.now
        let answers = try await self.calls.resolveCustomers(open.map { drafts[$0].question })
        for (index, answer) in zip(open, answers) {
            switch answer.resolved {
            case .found(let id, let address):
                (drafts[index].customerID, drafts[index].address) = (id, address)
                if let verdict = answer.verdict { drafts[index].take(verdict, askedAt: askedAt) }
            case .noSuchCustomer: drafts[index].failure = Problem.notFound
            case .noSuchAddress:
                drafts[index].failure = Problem.invalidRequest([
                    .init(pointer: "/customer_id", detail: "has no address for this channel")
                ])
            }
        }
    }

    /// Finds the conversations, and at the same time whether recipients want the messages of whom that is not known yet.
    private func judge(_ drafts: inout [Draft]) async throws {
        let asked = drafts.indices.compactMap { index in drafts[index].conversation.map { (index, $0) } }
        let checks = drafts.indices.compactMap { index in drafts[index].check.map { (index, $0) } }
        let askedAt = ContinuousClock.now
        async let conversations = asked.isEmpty ? [] : self.calls.resolveConversations(asked.map(\.1))
        async let verdicts = checks.isEmpty ? [] : self.calls.checkPolicy(checks.map(\.1))
        for ((index, _), id) in zip(asked, try await conversations) { drafts[index].conversationID = id }
        for ((index, _), verdict) in zip(checks, try await verdicts) { drafts[index].take(verdict, askedAt: askedAt) }
    }
}

extension Channel {
    /// The kinds of address that reach a customer on this channel, the best first.
    var addressKinds: [AddressKind] {
        switch self {
        case .whatsapp: [.phone, .whatsapp]
        case .sms: [.phone]
        case .email: [.email]
        case .push: [.push]
        case .inapp, .webhook: [.external]
        case .sandbox: [.phone, .email]
        }
    }
}
