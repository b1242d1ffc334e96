import InternalAPI
import Postgres
import Shared

/// The confirmations of keywords: which are due, and what they say.
enum KeywordStore {
    /// In this time a sender's keyword is confirmed once.
    static let rest: Duration = .seconds(60)

    /// A confirmation for each keyword that needs one.
    static func confirmations(
        of messages: [ReceivedMessage],
        clocks: OrgClocks,
        on connection: isolated PostgresConnection
    ) throws -> [PreparedMessage] {
        let asked = messages.compactMap { message in message.askedKeyword.map { (message: message, keyword: $0) } }
        guard !asked.isEmpty else { return [] }
        let orgs = Array(Set(asked.map(\.message.item.orgID)))
        let replies = try self.replies(of: orgs, on: connection)
        var answers: [Answer: (ReceivedMessage, text: String)] = [:]
        for (message, keyword) in asked {
            let text = replies[message.item.orgID]?[keyword] ?? keyword.ordinaryReply
            let answer = Answer(account: message.account, address: message.sender.value, keyword: keyword)
            if !text.isEmpty, answers[answer] == nil { answers[answer] = (message, text) }
        }
        guard !answers.isEmpty else { return [] }
        let due = try connection.query(self.take(answers.keys.sorted(), now: clocks.databaseNow)).map { try Answer($0) }
        guard !due.isEmpty else { return [] }
        let accounts = try AccountStore.choices(of: orgs, on: connection)
        return due.compactMap { answer in
            let account = accounts[answer.account.orgID]?.first { $0.id == answer.account.accountID }
            guard let account, let (message, text) = answers[answer] else { return nil }
            return message.confirmation(text, by: account)
        }
    }

    /// What organizations answer in their own words.
    private static func replies(
        of orgs: [OrgID],
        on connection: isolated PostgresConnection
    ) throws -> [OrgID: [Keyword: String]] {
        let rows = try connection.query(
            """
            SELECT org_id, keyword_replies FROM org_settings
             WHERE org_id = ANY (\(orgs)::uuid[]) AND keyword_replies IS NOT NULL
            """
        )
        var replies: [OrgID: [Keyword: String]] = [:]
        for row in rows {
            let stored = try JSONValue(parsing: Array(try row.get("keyword_replies", as: String.self).utf8))
            let pairs = Keyword.allCases.compactMap { keyword in
                stored[keyword.rawValue]?.string.map { (keyword, $0) }
            }
            replies[try row.get("org_id")] = Dictionary(uniqueKeysWithValues: pairs)
        }
        return replies
    }

    /// Takes the right to answer, where nobody had it in the last minute.
    private static func take(_ answers: [Answer], now: Timestamp) -> SQL {
        """
        INSERT INTO keyword_answers AS k (org_id, account_id, address, keyword, answered_at)
        SELECT org_id, account_id, address, keyword, \(now)
          FROM unnest(
            \(answers.map(\.account.orgID))::uuid[], \(answers.map(\.account.accountID))::uuid[],
            \(answers.map(\.address))::text[], \(answers.map(\.keyword.rawValue))::text[]
          ) AS r (org_id, account_id, address, keyword)
        ON CONFLICT (org_id, account_id, address, keyword) DO UPDATE SET answered_at = EXCLUDED.answered_at
         WHERE k.answered_at <= \(now - Self.rest)
        RETURNING org_id, account_id, address, keyword
        """
    }

    /// One sender's keyword on one account.
    private struct Answer: Hashable, Comparable {
        let account: AccountKey
        let address: String
        let keyword: Keyword

        init(account: AccountKey, address: String, keyword: Keyword) {
            (self.account, self.address, self.keyword) = (account, address, keyword)
        }

        init(_ row: Row) throws {
            self.account = AccountKey(orgID: try row.get("org_id"), accountID: try row.get("account_id"))
            self.address = try row.get("address")
            self.keyword = try row.get("keyword")
        }

        static func < (left: Self, right: Self) -> Bool {
            (left.account, left.address, left.keyword.rawValue) < (right.account, right.address, right.keyword.rawValue)
        }
    }
}

extension Keyword: PostgresValue {}

extension ReceivedMessage {
    /// The keyword that is to be confirmed; nil where there is none, or the provider has confirmed it.
    fileprivate var askedKeyword: Keyword? {
        guard self.item.message.answeredKeyword == nil else { return nil }
        switch self.item.channel {
        case .sms, .whatsapp: return self.item.keyword
        case .email, .push, .inapp, .webhook, .sandbox: return nil
        }
    }

    /// The message that confirms the keyword, in the same conversation.
    fileprivate func confirmation(_ text: String, by account: ChosenAccount) -> PreparedMessage {
        let now = Timestamp.now
        let content = MessageContent(body: text)
        // Of at most 1,000 characters, so that it always fits.
        let rendered = try? RenderContent.render(
            content,
            .transactional,
            on: self.item.channel,
            by: account,
            unsubscribeURL: nil
        )
        return PreparedMessage(
            request: CreateRequest(
                orgID: self.item.orgID,
                actor: Activity.engine,
                mode: .live,
                requestID: nil,
                message: NewMessage(
                    recipient: .address(self.sender),
                    channel: self.item.channel,
                    accountID: account.id,
                    content: content,
                    category: .transactional,
                    scheduledAt: nil,
                    expiresAt: nil,
                    retryPolicy: nil,
                    onUncertain: .hold,
                    reference: nil,
                    metadata: nil,
                    idempotencyKey: nil
                ),
                idempotency: nil
            ),
            id: .new(at: now),
            channel: self.item.channel,
            account: account,
            address: self.sender,
            customerID: self.item.customerID,
            conversationID: self.item.conversationID,
            parts: rendered ?? content,
            createdAt: now + account.clockOffset,
            isExempt: true
        )
    }
}
