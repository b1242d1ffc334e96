package import InternalAPI
import Postgres
import Shared

/// Makes of messages that name a template what they say.
///
/// One statement finds the templates of a batch, and one call to customer-service the fields of all customers, where a
/// template names one that neither the message nor a default gives.
package struct FillTemplates: Sendable {
    package typealias AskCustomers =
        @Sendable ([CustomerAPI.ValuesQuestion]) async throws -> [[String: String]?]

    let postgres: PostgresPool
    let askCustomers: AskCustomers

    /// A message that names a template.
    struct Use: Sendable {
        let orgID: OrgID
        let channel: Channel
        let reference: TemplateReference
    }

    /// A template that is filled but for what the customer gives.
    struct Open: Sendable {
        let orgID: OrgID
        let filling: TemplateFilling
        /// Nil where there is nobody to ask.
        let customer: CustomerAPI.ValuesQuestion.Whom?
        /// Nil where there is no such link.
        var unsubscribeURL: String?

        /// What the customer is asked for.
        fileprivate var asked: [String] {
            self.unsubscribeURL == nil
                ? self.filling.wanted : self.filling.wanted.filter { $0 != UnsubscribeLinks.word }
        }
    }

    /// Finds the template of each of `uses`, in their order.
    ///
    /// The language is the one asked for, or else its base (`pt` for `pt-BR`); where none is asked for, `en`, or else the only
    /// one there is. Nil where the provider knows the template, as WhatsApp may and the sandbox plays.
    func find(_ uses: [Use]) async throws -> [Result<TemplateFilling?, Problem>] {
        guard !uses.isEmpty else { return [] }
        let wishes = uses.map { TemplateWish($0) }
        let distinct = Array(Set(wishes))
        let orgs = Array(Set(distinct.map(\.orgID)))
        let found = try await self.postgres.transaction(for: orgs, plans: .kept) { connection in
            try TemplateStore.find(distinct, on: connection)
        }
        return zip(uses, wishes).map { use, wish in
            Result { () throws(Problem) in
                guard let template = found[wish] else { return try Self.absent(use) }
                return try template.filling(for: use)
            }
        }
    }

    /// The stored template that a reference means; nil where only the provider may know it.
    ///
    /// - Throws: `Problem` `invalid-request` where there is none.
    func template(
        _ reference: TemplateReference,
        on channel: Channel,
        of orgID: OrgID,
        on connection: isolated PostgresConnection
    ) throws -> StoredTemplate? {
        let use = Use(orgID: orgID, channel: channel, reference: reference)
        let wish = TemplateWish(use)
        guard let found = try TemplateStore.find([wish], on: connection)[wish] else {
            _ = try Self.absent(use)
            return nil
        }
        return try found.meant(for: use)
    }

    private static func absent(_ use: Use) throws(Problem) -> TemplateFilling? {
        switch use.channel {
        case .whatsapp, .sandbox: return nil
        case .sms, .email, .push, .inapp, .webhook:
            let detail = "names no template of the channel \(use.channel.rawValue)"
            throw .invalidRequest([.init(pointer: "/template/code", detail: detail)])
        }
    }

    /// Fills each of `open`, in their order.
    func fill(_ open: [Open]) async throws -> [Result<MessageContent, Problem>] {
        let asked = open.enumerated().compactMap { index, open -> (Int, CustomerAPI.ValuesQuestion)? in
            guard let customer = open.customer, !open.asked.isEmpty else { return nil }
            return (index, .init(orgID: open.orgID, whom: customer, names: open.asked))
        }
        var known: [Int: [String: String]] = [:]
        if !asked.isEmpty {
            for ((index, _), values) in zip(asked, try await self.askCustomers(asked.map(\.1))) {
                known[index] = values
            }
        }
        return open.enumerated().map { index, open in
            Result { () throws(Problem) in
                do throws(ContentRules.Violations) {
                    var values = known[index] ?? [:]
                    values[UnsubscribeLinks.word] = open.unsubscribeURL ?? values[UnsubscribeLinks.word]
                    return try open.filling.content(for: values)
                } catch {
                    throw error.problem(at: "/template")
                }
            }
        }
    }
}

/// Which template a message names; the same for many messages of a batch.
struct TemplateWish: Sendable, Hashable {
    let orgID: OrgID
    let channel: Channel
    let code: String
    /// As it was asked for.
    let language: String?

    init(_ use: FillTemplates.Use) {
        self.orgID = use.orgID
        self.channel = use.channel
        self.code = use.reference.code
        self.language = use.reference.language
    }

    /// As two spellings of one language agree: `pt_BR` is `pt-BR`.
    var key: String { Self.key(self.language ?? "en") }
    /// The language without its region and script.
    var base: String { String(self.key.prefix { $0 != "-" }) }

    static func key(_ language: String) -> String { language.lowercased().replacing("_", with: "-") }
}

/// The template that comes closest to a wish.
struct FoundTemplate: Sendable {
    let wish: TemplateWish
    let template: StoredTemplate
    /// How many languages the code has on the channel.
    let languages: Int

    /// - Throws: `Problem` `invalid-request` when what is there does not serve the wish, or what is given does not fill it.
    /// - Returns: nil where the provider may have the language that is asked for.
    fileprivate func filling(for use: FillTemplates.Use) throws(Problem) -> TemplateFilling? {
        guard let template = try self.meant(for: use) else { return nil }
        do throws(ContentRules.Violations) {
            return try TemplateFilling(template, use.reference)
        } catch {
            throw error.problem(at: "/template")
        }
    }

    /// - Throws: `Problem` `invalid-request` when what is there does not serve the wish.
    /// - Returns: nil where the provider may have the language that is asked for.
    fileprivate func meant(for use: FillTemplates.Use) throws(Problem) -> StoredTemplate? {
        guard !self.isMeant else { return self.template }
        if use.channel == .whatsapp { return nil }
        let detail =
            self.wish.language.map { "is none of the template's: it does not exist in \($0)" }
            ?? "is required: the template exists in several"
        throw .invalidRequest([.init(pointer: "/template/language", detail: detail)])
    }

    /// At WhatsApp each language is a template of its own, and its code is Meta's.
    private var isMeant: Bool {
        let key = TemplateWish.key(self.template.language)
        if self.wish.language == nil, self.languages == 1 { return true }
        if self.wish.channel == .whatsapp { return self.template.language == self.wish.language ?? "en" }
        return key == self.wish.key || key == self.wish.base
    }
}
