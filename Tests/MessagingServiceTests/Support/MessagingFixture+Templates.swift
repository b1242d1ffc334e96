import Postgres
import Shared

@testable import MessagingService

extension MessagingFixture {
    var templates: ChangeTemplates { ChangeTemplates(postgres: self.postgres) }

    var dryRun: DryRunMessage {
        DryRunMessage(
            accounts: self.prepare.accounts,
            checkPolicy: self.prepare.calls.checkPolicy,
            templates: self.prepare.templates,
            links: self.links,
            postgres: self.postgres
        )
    }

    /// Keeps a template: the fields of `POST /templates`, with the code `t` unless another is given.
    @discardableResult
    func template(_ json: String) async throws -> TemplateID {
        guard case .object(var fields) = try JSONValue(parsing: json) else { throw Problem.notFound }
        if fields["code"] == nil { fields["code"] = "t" }
        let resource = TemplateResource(try NewTemplate(.object(fields)), id: .new(), of: self.orgID, at: .now)
        let acting = self.acting
        try await self.postgres.transaction(for: [self.orgID]) { connection in
            try ChangeTemplates.create(resource, for: acting, requestID: "r", on: connection)
        }
        return resource.id
    }

    /// Makes another version of a template.
    func change(_ template: TemplateID, _ json: String) async throws {
        _ = try await self.templates.update(
            template,
            by: try JSONValue(parsing: json),
            for: self.acting,
            requestID: "r"
        )
    }
}
