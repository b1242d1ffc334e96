import AuditTrail
import Idempotency
import InternalAPI
import NIOCore
import Postgres
import Secrets
import Shared

/// Accepts a broadcast with all the recipients that it names: one transaction, which makes none of its messages.
struct CreateBroadcast: Sendable {
    typealias AskAudience = @Sendable (CustomerAPI.AudiencePage) async throws -> CustomerAPI.AudienceAnswer

    /// Names the operation in `idempotency_keys`.
    static let operation = "broadcasts.create"
    /// Refused recipients that the refusal of a whole broadcast names.
    private static let mostShown = 50

    let postgres: PostgresPool
    let accounts: ChooseAccounts
    let templates: FillTemplates
    let askAudience: AskAudience
    let fingerprint: Fingerprint
    let now: OrgNow
    let wake: JobSignal

    /// A broadcast that could be made.
    struct Ready: Sendable {
        let broadcast: NewBroadcast
        let content: BroadcastContent
        let account: ChosenAccount
        let recipients: NewRecipients
    }

    /// - Throws: `Problem` `malformed-json`, `invalid-request`, `idempotency-key-reused`, `idempotency-key-in-use`.
    /// - Returns: the resource as it is answered, and whether it was answered before.
    func callAsFunction(
        _ bytes: ByteBuffer,
        key header: String?,
        for acting: Acting,
        requestID: String
    ) async throws -> (json: JSONValue, isReplay: Bool) {
        let read = try ReadBroadcast.read(bytes)
        let fingerprint = self.fingerprint(of: bytes.readableBytesView)
        let name = try Self.key(header, read.idempotencyKey).map { key in
            IdempotencyStore.Name(orgID: acting.orgID, operation: Self.operation, key: key)
        }
        // What was answered before is answered as then, whatever is wrong with it now.
        if let name, let first = try await self.answer(of: name, to: fingerprint) { return (first, true) }
        let ready = try await self.ready(read, for: acting)
        do {
            let json = try await self.postgres.transaction(for: [acting.orgID], lockTimeout: .seconds(2)) {
                connection in
                try self.write(ready, key: name, fingerprint, for: acting, requestID: requestID, on: connection)
            }
            self.wake.send()
            return (json, false)
        } catch let taken as AnsweredBefore {
            return (taken.answer, true)
        }
    }

    private func answer(of name: IdempotencyStore.Name, to fingerprint: RequestFingerprint) async throws -> JSONValue? {
        try await self.postgres.transaction(for: [name.orgID]) { connection in
            try IdempotencyStore.find(name, to: fingerprint, on: connection).map { try JSONValue(parsing: $0.body) }
        }
    }

    /// Undoes what was written for a key that turned out to be taken.
    private struct AnsweredBefore: Error {
        let answer: JSONValue
    }

    /// Checks a broadcast: all that is done with it before anything is written.
    func ready(_ read: ReadBroadcast.Read, for acting: Acting) async throws -> Ready {
        let now = try await self.now(for: acting)
        var fields = JSONFields(read.body, at: "")
        let broadcast = NewBroadcast(
            &fields,
            hasRecipients: !read.recipients.isEmpty,
            now: now,
            lead: acting.scheduleLead
        )
        try fields.finish()
        let wish = ChooseAccounts.Wish(
            orgID: acting.orgID,
            mode: acting.mode,
            channel: broadcast.channel,
            accountID: broadcast.accountID
        )
        guard let account = try await self.accounts([wish]).first?.get() else { throw Problem.internal }
        let content = try await self.content(of: broadcast, by: account, for: acting.orgID)
        try await self.check(broadcast.audience, content, for: acting.orgID)
        let recipients = await NewRecipients(read.recipients, of: content, region: acting.defaultRegion)
        guard broadcast.audience != nil || recipients.refused < recipients.count else {
            throw Self.allRefused(recipients)
        }
        return Ready(
            broadcast: broadcast,
            content: content,
            account: account,
            recipients: recipients
        )
    }

    private static func allRefused(_ recipients: NewRecipients) -> Problem {
        .invalidRequest(
            recipients.refusals.prefix(self.mostShown).enumerated().map { index, refusal in
                .init(pointer: "/recipients/\(index)", detail: refusal ?? "")
            }
        )
    }

    /// Freezes what it says: a template in its version of now, and else the texts, which may have variables of their own.
    private func content(
        of broadcast: NewBroadcast,
        by account: ChosenAccount,
        for orgID: OrgID
    ) async throws -> BroadcastContent {
        let make = { (form: BroadcastContent.Form) in
            BroadcastContent(
                form: form,
                channel: broadcast.channel,
                category: broadcast.category,
                style: account.smsStyle
            )
        }
        var envelope = MessageContent()
        envelope.takeEnvelope(of: broadcast.content)
        guard let reference = broadcast.content.template else {
            guard let own = try StoredTemplate(ownTexts: broadcast.content, on: broadcast.channel) else {
                let content = try RenderContent.render(
                    broadcast.content,
                    broadcast.category,
                    on: broadcast.channel,
                    style: account.smsStyle
                )
                return make(.fixed(content))
            }
            return make(
                .filled(
                    own,
                    TemplateReference(code: own.code, language: nil, parameters: nil, components: nil),
                    isOwn: true,
                    envelope: envelope
                )
            )
        }
        let template = try await self.postgres.transaction(for: [orgID]) { connection in
            try self.templates.template(reference, on: broadcast.channel, of: orgID, on: connection)
        }
        guard let template else { return make(.provider(reference)) }
        return make(.filled(template, reference, isOwn: false, envelope: envelope))
    }

    /// Whether the groups exist, and whether what nobody gives values for has what it needs.
    private func check(_ audience: CustomerAPI.Audience?, _ content: BroadcastContent, for orgID: OrgID) async throws {
        guard let audience else { return }
        do throws(ContentRules.Violations) {
            _ = try content.opened(with: [:])
        } catch {
            throw error.problem(at: "/template")
        }
        let page = CustomerAPI.AudiencePage(orgID: orgID, audience: audience, after: nil, limit: 0)
        let unknown = try await self.askAudience(page).unknownGroups
        guard unknown.isEmpty else {
            throw Problem.invalidRequest(
                unknown.map {
                    .init(pointer: "/group_ids", detail: "must be groups of this organization: \($0) is none")
                }
            )
        }
    }

    private static func key(_ header: String?, _ inBody: String?) throws(Problem) -> String? {
        guard let header else { return inBody }
        let key = try IdempotencyKey(header).text
        if let inBody, inBody != key {
            let detail = "must be the same as in the Idempotency-Key header"
            throw .invalidRequest([.init(pointer: "/idempotency_key", detail: detail)])
        }
        return key
    }

    private func write(
        _ ready: Ready,
        key: IdempotencyStore.Name?,
        _ fingerprint: RequestFingerprint,
        for acting: Acting,
        requestID: String,
        on connection: isolated PostgresConnection
    ) throws -> JSONValue {
        let now = Timestamp.now
        let isLater = ready.broadcast.scheduledAt.map { $0 > now } ?? false
        let new = BroadcastStore.New(
            id: .new(at: now),
            broadcast: ready.broadcast,
            content: ready.content,
            accountID: ready.account.id,
            pace: try ready.broadcast.pace ?? OrgSettingsStore.pace(of: acting.orgID, on: connection),
            state: isLater ? .scheduled : .running
        )
        let audit = AuditRecord(
            orgID: acting.orgID,
            actor: acting.actor,
            action: .created,
            entityType: .broadcast,
            entityID: new.id.uuid,
            requestID: requestID
        )
        let results = try connection.pipeline([
            BroadcastStore.insert(new, ready.recipients, for: acting, requestID: requestID), AuditStore.insert([audit]),
        ])
        guard let row = results[0].first else { throw Problem.internal }
        let json = try StoredBroadcast(row).json
        if let key {
            guard try IdempotencyStore.take(key, fingerprint: fingerprint, on: connection) else {
                let first = try IdempotencyStore.answer(of: key, to: fingerprint, on: connection)
                throw AnsweredBefore(answer: try JSONValue(parsing: first.body))
            }
            try connection.query(IdempotencyStore.keep(.init(status: 202, body: json.bytes), for: key))
        }
        for file in MailFileStore.insert(ready.broadcast.attachments, of: new.id, acting.orgID) {
            try connection.query(file)
        }
        for slice in RecipientStore.insert(ready.recipients, of: new.id, acting.orgID) { try connection.query(slice) }
        return json
    }
}

extension StoredTemplate {
    /// The texts of a broadcast as a template of their own; nil where they have no variables, or are none.
    ///
    /// - Throws: `Problem` `invalid-request` for braces that are no variable.
    fileprivate init?(ownTexts content: MessageContent, on channel: Shared.Channel) throws(Problem) {
        guard content.media == nil, content.interactive == nil else { return nil }
        let texts = [("subject", content.subject), ("body", content.body), ("html", content.html)]
        guard texts.contains(where: { $0.1?.contains("{{") ?? false }) else { return nil }
        var parts: JSONObject = [:]
        for (name, text) in texts { parts[name] = text.map { .string($0) } }
        // Which parts may stand there was checked by the rules of messages; WhatsApp's templates are no texts.
        let channel = channel == .whatsapp ? .sandbox : channel
        var fields = JSONFields(.object(parts), at: "")
        let read = TemplateContent(&fields, of: channel)
        try fields.finish()
        guard !read.names.isEmpty else { return nil }
        self.init(version: nil, code: "own", channel: channel, language: "en", content: read)
    }
}
