import InternalAPI
import Postgres
import Shared

/// Shows what a message of a template would say, by the same rules; nothing is stored.
struct PreviewTemplate: Sendable {
    let templates: FillTemplates
    let links: UnsubscribeLinks

    /// What fills a template, as a preview is asked for.
    struct Example: Sendable {
        let parameters: [String: String]?
        let components: JSONValue?
        let customerID: CustomerID?

        init(_ fields: inout JSONFields) {
            self.parameters = fields.parameters()
            self.components = fields.array("components", 0...20).map { .array($0) }
            self.customerID = fields.id("customer_id", of: Customer.self)
            if self.components != nil, self.parameters != nil {
                fields.violation(at: "components", "can not stand beside parameters")
            }
        }
    }

    /// - Throws: `Problem` `invalid-request`: what is missing, unknown or too long.
    /// - Returns: the template's name and version, and what is `rendered`.
    func callAsFunction(_ template: StoredTemplate, with example: Example, of orgID: OrgID) async throws -> JSONValue {
        let reference = TemplateReference(
            code: template.code,
            language: template.language,
            parameters: example.parameters,
            components: example.components
        )
        var content: MessageContent
        do {
            let filling = try TemplateFilling(template, reference)
            var known = try await self.known(of: example.customerID, filling, orgID)
            if template.channel == .email { known[UnsubscribeLinks.word] = self.links.example }
            content = try filling.content(for: known)
        } catch let error as ContentRules.Violations {
            throw error.problem(at: "")
        }
        if template.channel != .whatsapp { content.template = nil }
        return .object(members: [
            ("code", .string(template.code)), ("channel", .string(template.channel.rawValue)),
            ("language", .string(template.language)),
            ("version", template.version.map { .number(JSONNumber($0)) } ?? .null),
            ("rendered", content.rendered(on: template.channel).json),
        ])
    }

    private func known(
        of customerID: CustomerID?,
        _ filling: TemplateFilling,
        _ orgID: OrgID
    ) async throws -> [String: String] {
        guard let customerID else { return [:] }
        let question = CustomerAPI.ValuesQuestion(orgID: orgID, whom: .customer(customerID), names: filling.wanted)
        guard let known = try await self.templates.askCustomers([question]).first ?? nil else {
            throw Problem.invalidRequest([.init(pointer: "/customer_id", detail: "is no customer of the organization")])
        }
        return known
    }
}
