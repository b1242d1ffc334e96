import InternalAPI
import Secrets
import Shared

extension PrepareMessages {
    /// A message that is being prepared: the request, and what is known so far.
    struct Draft {
        let request: CreateRequest
        var failure: (any Error)?
        var channel: Channel?
        var accountID: AccountID?
        var account: ChosenAccount?
        var address: Address?
        var customerID: CustomerID?
        var conversationID: ConversationID?
        /// Why it is not to be sent at all.
        var block: ProviderError?
        private var isJudged = false
        /// When it was asked about what may be sent.
        private var allowedAt: ContinuousClock.Instant?
        /// The stored template that it names, before and after it was filled.
        var filling: TemplateFilling?
        var content: MessageContent

        init(_ request: CreateRequest) {
            self.request = request
            self.content = request.message.content
            self.channel = request.message.channel
            self.accountID = request.message.accountID
            if case .address(let address) = request.message.recipient { self.address = address }
        }

        /// Takes what a conversation already decided.
        mutating func use(_ found: ConversationAPI.Found) {
            if let channel, channel != found.channel {
                self.failure = Problem.invalidRequest([
                    .init(pointer: "/channel", detail: "is not the conversation's, which is \(found.channel.rawValue)")
                ])
            }
            let violations = ContentRules.violations(of: self.request.message.content, for: found.channel)
            if self.channel == nil, !violations.isEmpty {
                self.failure = Problem.invalidRequest(
                    violations.map { .init(pointer: "/\($0.field)", detail: $0.detail) }
                )
            }
            self.channel = found.channel
            self.accountID = self.accountID ?? found.accountID
            self.address = found.address
            self.customerID = found.customerID
            self.conversationID = self.accountID == found.accountID ? found.id : nil
        }

        var templateUse: FillTemplates.Use? {
            guard self.failure == nil, let channel, let reference = self.content.template else { return nil }
            return .init(orgID: self.request.orgID, channel: channel, reference: reference)
        }

        func openTemplate(_ links: UnsubscribeLinks) -> FillTemplates.Open? {
            guard self.failure == nil, let filling else { return nil }
            return .init(
                orgID: self.request.orgID,
                filling: filling,
                customer: self.customerID.map { .customer($0) },
                unsubscribeURL: self.link.flatMap(links.url)
            )
        }

        /// Nil while it is not known who gets it, by which account.
        private var link: UnsubscribeLink? {
            guard let channel, let account, let address else { return nil }
            return .init(of: self.request.id, for: self.request.orgID, on: channel, to: address.value, by: account)
        }

        var question: CustomerAPI.Question {
            guard case .customer(let id) = self.request.message.recipient else {
                let address = self.address ?? Address(kind: .external, value: "")
                return .init(.address(orgID: self.request.orgID, address), message: self.kind)
            }
            let kinds = self.channel?.addressKinds ?? []
            return .init(.customer(orgID: self.request.orgID, id: id, kinds: kinds), message: self.kind)
        }

        /// Nil for what its organization may not send, whoever gets it.
        private var kind: CustomerAPI.MessageKind? {
            guard let account, let channel, self.organizationBlock == nil else { return nil }
            return .init(channel: channel, category: self.request.message.category, rules: account.rules)
        }

        mutating func take(_ verdict: CustomerAPI.PolicyVerdict, askedAt: ContinuousClock.Instant) {
            self.isJudged = true
            if verdict == .allowed { self.allowedAt = askedAt }
            if case .blocked(let block) = verdict { self.block = ProviderError(block) }
        }

        var conversation: ConversationAPI.Resolve? {
            guard self.failure == nil, self.conversationID == nil, let customerID, let account, let channel, let address
            else { return nil }
            return ConversationAPI.Resolve(
                orgID: self.request.orgID,
                customerID: customerID,
                accountID: account.id,
                channel: channel,
                address: address
            )
        }

        /// Nil for what can not be judged or is judged already.
        var check: CustomerAPI.PolicyCheck? {
            guard self.failure == nil, !self.isJudged, let customerID, let account, let address, let kind else {
                return nil
            }
            return CustomerAPI.PolicyCheck(
                orgID: self.request.orgID,
                messageID: .new(),
                customerID: customerID,
                address: address,
                channel: kind.channel,
                category: kind.category,
                stage: .creation,
                rules: kind.rules,
                at: .now + account.clockOffset
            )
        }

        private var organizationBlock: ProviderError? {
            self.channel == .sms && !(self.account?.mayUseSMS ?? true) ? .notVerified : nil
        }

        func prepared(at now: Timestamp, _ links: UnsubscribeLinks) -> Result<PreparedMessage, any Error> {
            if let failure { return .failure(failure) }
            guard let channel, let account, let address, let customerID, let conversationID else {
                return .failure(Problem.internal)
            }
            let message = self.request.message
            return Result {
                PreparedMessage(
                    request: self.request,
                    id: self.request.id,
                    channel: channel,
                    account: account,
                    address: address,
                    customerID: customerID,
                    conversationID: conversationID,
                    parts: try RenderContent.render(
                        self.content,
                        message.category,
                        on: channel,
                        by: account,
                        unsubscribeURL: self.link.flatMap(links.url)
                    ),
                    createdAt: now + account.clockOffset,
                    block: self.block ?? self.organizationBlock,
                    allowedAt: self.allowedAt
                )
            }
        }
    }
}
