import Foundation
import InternalAPI
import Secrets
import Shared
import Telemetry
import Tracing

/// Finds out all that the messages of some recipients need, as `PrepareMessages` does for messages of their own.
///
/// The broadcast's account and content are the same for all, so a thousand recipients take three calls to other services.
struct PrepareRecipients: Sendable {
    let accounts: ChooseAccounts
    let calls: PrepareMessages.Calls
    let links: UnsubscribeLinks

    enum Prepared: Sendable {
        /// What is found of a customer's address is noted with the recipient.
        case message(PreparedMessage, isCustomers: Bool)
        case refused(String)
    }

    /// - Throws: what a service throws that can not be asked: then it is tried again later.
    /// - Returns: one for each recipient, in their order.
    func callAsFunction(
        _ recipients: [StoredRecipient],
        of broadcast: StoredBroadcast
    ) async throws -> [(number: Int, prepared: Prepared)] {
        guard !recipients.isEmpty else { return [] }
        let wish = ChooseAccounts.Wish(
            orgID: broadcast.orgID,
            mode: broadcast.mode,
            channel: broadcast.channel,
            accountID: broadcast.accountID
        )
        guard let account = try await self.accounts([wish]).first?.get() else { throw Problem.internal }
        var drafts = recipients.map { Draft($0, of: broadcast.content) }
        try await self.resolve(&drafts, of: broadcast, by: account)
        try await self.fill(&drafts, of: broadcast, by: account)
        try await self.findConversations(of: &drafts, of: broadcast, by: account)
        let make = Make(broadcast: broadcast, account: account, now: .now)
        return drafts.map { ($0.recipient.number, make($0)) }
    }

    /// Finds the recipients, and whether they want the messages at all.
    private func resolve(
        _ drafts: inout [Draft],
        of broadcast: StoredBroadcast,
        by account: ChosenAccount
    ) async throws {
        let open = drafts.indices.filter { drafts[$0].refusal == nil }
        guard !open.isEmpty else { return }
        let mayUse = broadcast.channel != .sms || account.mayUseSMS
        let kind = CustomerAPI.MessageKind(
            channel: broadcast.channel,
            category: broadcast.category,
            rules: account.rules
        )
        let questions = open.map { index in
            CustomerAPI.Question(drafts[index].recipient(in: broadcast), message: mayUse ? kind : nil)
        }
        for (index, answer) in zip(open, try await self.calls.resolveCustomers(questions)) {
            if !mayUse { drafts[index].block = .notVerified }
            if case .blocked(let block)? = answer.verdict { drafts[index].block = ProviderError(block) }
            switch answer.resolved {
            case .found(let id, let address): (drafts[index].customerID, drafts[index].address) = (id, address)
            case .noSuchCustomer: drafts[index].refusal = "customer_id names no customer"
            case .noSuchAddress: drafts[index].refusal = "customer_id has no address for this channel"
            }
        }
        // Who is named by the address itself goes before a customer who has it, wherever they stand.
        let answered = open.filter { drafts[$0].refusal == nil }
        let isCustomers = answered.filter { drafts[$0].recipient.customerID != nil }
        var seen = Set(answered.filter { drafts[$0].recipient.customerID == nil }.map { drafts[$0].address?.value })
        for index in isCustomers where !seen.insert(drafts[index].address?.value).inserted {
            drafts[index].refusal = ExpandBroadcast.duplicate
        }
    }

    private func fill(
        _ drafts: inout [Draft],
        of broadcast: StoredBroadcast,
        by account: ChosenAccount
    ) async throws {
        let asked = drafts.indices.compactMap { index -> (Int, CustomerAPI.ValuesQuestion)? in
            guard drafts[index].refusal == nil, let id = drafts[index].customerID,
                let wanted = drafts[index].opened?.wanted, !wanted.isEmpty
            else { return nil }
            return (index, .init(orgID: broadcast.orgID, whom: .customer(id), names: wanted))
        }
        if !asked.isEmpty {
            for ((index, _), known) in zip(asked, try await self.calls.customerValues(asked.map(\.1))) {
                drafts[index].known = known ?? [:]
            }
        }
        for index in drafts.indices where drafts[index].refusal == nil {
            if let url = drafts[index].link(by: account, in: broadcast).flatMap(self.links.url) {
                drafts[index].known[UnsubscribeLinks.word] = url
            }
            drafts[index].fill(broadcast.content)
        }
    }

    private func findConversations(
        of drafts: inout [Draft],
        of broadcast: StoredBroadcast,
        by account: ChosenAccount
    ) async throws {
        let open = drafts.indices.filter { drafts[$0].refusal == nil }
        guard !open.isEmpty else { return }
        let questions = try open.map { try drafts[$0].conversation(by: account, in: broadcast) }
        for (index, id) in zip(open, try await self.calls.resolveConversations(questions)) {
            drafts[index].conversationID = id
        }
    }
}

/// A recipient on the way to its message.
private struct Draft: Sendable {
    let recipient: StoredRecipient
    let messageID = MessageID.new()
    var refusal: String?
    var opened: BroadcastContent.Opened?
    var address: Address?
    var customerID: CustomerID?
    var conversationID: ConversationID?
    var known: [String: String] = [:]
    var content = MessageContent()
    var block: ProviderError?

    init(_ recipient: StoredRecipient, of content: BroadcastContent) {
        self.recipient = recipient
        self.refusal = recipient.refusal
        guard recipient.refusal == nil else { return }
        do throws(ContentRules.Violations) {
            self.opened = try content.opened(with: recipient.parameters)
        } catch {
            self.refusal = error.sentence
        }
    }

    func recipient(in broadcast: StoredBroadcast) -> CustomerAPI.Resolve {
        if let id = self.recipient.customerID {
            return .customer(orgID: broadcast.orgID, id: id, kinds: broadcast.channel.addressKinds)
        }
        let address = Address(recipient: self.recipient.address ?? "", on: broadcast.channel)
        return .address(orgID: broadcast.orgID, address)
    }

    /// Nil where the texts keep no place for it.
    func link(by account: ChosenAccount, in broadcast: StoredBroadcast) -> UnsubscribeLink? {
        guard let address, self.opened?.wanted.contains(UnsubscribeLinks.word) ?? false else { return nil }
        return .init(
            of: self.messageID,
            for: broadcast.orgID,
            on: broadcast.channel,
            to: address.value,
            by: account
        )
    }

    mutating func fill(_ content: BroadcastContent) {
        guard let opened else { return }
        do throws(ContentRules.Violations) {
            self.content = try content.content(of: opened, for: self.known)
        } catch {
            self.refusal = error.sentence
        }
    }

    func conversation(by account: ChosenAccount, in broadcast: StoredBroadcast) throws -> ConversationAPI.Resolve {
        guard let customerID, let address else { throw Problem.internal }
        return ConversationAPI.Resolve(
            orgID: broadcast.orgID,
            customerID: customerID,
            accountID: account.id,
            channel: broadcast.channel,
            address: address
        )
    }

    /// The values of which the message's content can be made again.
    var values: [String: String] {
        let wanted = Set(self.opened?.wanted ?? [])
        return self.recipient.parameters.merging(self.known.filter { wanted.contains($0.key) }) { given, _ in given }
    }
}

/// Makes the message of a recipient of whom all is known.
private struct Make: Sendable {
    let broadcast: StoredBroadcast
    let account: ChosenAccount
    let now: Timestamp

    func callAsFunction(_ draft: Draft) -> PrepareRecipients.Prepared {
        if let refusal = draft.refusal { return .refused(refusal) }
        guard let address = draft.address, let customerID = draft.customerID,
            let conversationID = draft.conversationID
        else { return .refused("can not be reached") }
        let message = PreparedMessage(
            request: self.request(to: address),
            id: draft.messageID,
            channel: self.broadcast.channel,
            account: self.account,
            address: address,
            customerID: customerID,
            conversationID: conversationID,
            parts: draft.content,
            createdAt: self.now,
            block: draft.block,
            share: .init(broadcastID: self.broadcast.id, parameters: draft.values.storedParameters)
        )
        return .message(message, isCustomers: draft.recipient.customerID != nil)
    }

    private func request(to address: Address) -> CreateRequest {
        CreateRequest(
            orgID: self.broadcast.orgID,
            actor: self.broadcast.actor,
            mode: self.broadcast.mode,
            requestID: self.broadcast.requestID,
            message: NewMessage(
                recipient: .address(address),
                channel: self.broadcast.channel,
                accountID: self.account.id,
                content: MessageContent(),
                category: self.broadcast.category,
                scheduledAt: nil,
                expiresAt: self.broadcast.expiresAt,
                retryPolicy: self.broadcast.retryPolicy,
                onUncertain: self.broadcast.onUncertain,
                reference: self.broadcast.reference,
                metadata: self.broadcast.metadata,
                idempotencyKey: nil
            ),
            idempotency: nil,
            traceParent: Traces.begin("broadcast message", ["herald.broadcast.id": .string("\(self.broadcast.id)")])
        )
    }
}
