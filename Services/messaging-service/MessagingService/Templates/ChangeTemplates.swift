import AuditTrail
import HTTPService
import Postgres
import Shared

/// Makes, changes and removes templates; each with its line in the audit trail.
struct ChangeTemplates: Sendable {
    let postgres: PostgresPool

    /// Writes a new template, within a transaction.
    ///
    /// - Throws: `Problem` `template-taken`.
    static func create(
        _ template: TemplateResource,
        for acting: Acting,
        requestID: String,
        on connection: isolated PostgresConnection
    ) throws {
        let audit = AuditRecord(
            orgID: template.orgID,
            actor: acting.actor,
            action: .created,
            entityType: .template,
            entityID: template.id.uuid,
            requestID: requestID
        )
        do {
            try connection.pipeline(
                TemplateStore.insert(template, by: acting.actor) + [AuditStore.insert([audit])]
            )
        } catch PostgresError.uniqueViolation(constraint: "template_taken") {
            throw Problem.templateTaken
        }
    }

    /// Makes the next version of a template, with the changed parts in the place of the old ones; `null` removes one.
    ///
    /// - Throws: `Problem` `not-found`, `precondition-failed`, `invalid-request`.
    /// - Returns: the template as it is now: the version that was, when nothing changed.
    func update(
        _ id: TemplateID,
        by body: JSONValue,
        if condition: Precondition = .none,
        for acting: Acting,
        requestID: String
    ) async throws -> TemplateResource {
        let orgID = acting.orgID
        return try await self.postgres.transaction(for: [orgID]) { connection in
            guard var template = try TemplateStore.lock(id, of: orgID, on: connection) else { throw Problem.notFound }
            try condition.check(template.json)
            let changes = try Self.changes(in: body)
            var parts = template.parts
            for change in changes.members {
                parts[change.name] = change.value.isNull ? JSONValue?.none : change.value
            }
            var fields = JSONFields(.object(parts), at: "")
            let content = TemplateContent(&fields, of: template.channel)
            try fields.finish()
            guard content.parts != template.parts else { return template }
            template.version += 1
            template.parts = content.parts
            template.updatedAt = .now
            let names = JSONValue.array(changes.names.map { .string($0) })
            let detail: JSONObject = ["changed": names, "version": .number(JSONNumber(template.version))]
            let act = Act(.edit, by: acting.actor, requestID: requestID, detail: detail)
            try connection.pipeline([
                TemplateStore.insertVersion(template, by: acting.actor), TemplateStore.setVersion(of: template),
                AuditStore.insert([AuditRecord(act, on: .template, id.uuid, of: orgID)]),
            ])
            return template
        }
    }

    /// Removes a template with its versions; messages that were made of it keep what they say.
    ///
    /// - Throws: `Problem` `not-found`.
    func remove(_ id: TemplateID, for acting: Acting, requestID: String) async throws {
        let orgID = acting.orgID
        try await self.postgres.transaction(for: [orgID]) { connection in
            guard try !connection.query(TemplateStore.remove(id, of: orgID)).isEmpty else { throw Problem.notFound }
            let act = Act(.delete, by: acting.actor, requestID: requestID)
            try connection.query(AuditStore.insert([AuditRecord(act, on: .template, id.uuid, of: orgID)]))
        }
    }

    private static func changes(in body: JSONValue) throws(Problem) -> JSONObject {
        guard case .object(let changes) = body else {
            throw .invalidRequest([.init(pointer: "", detail: "must be an object, not \(body.kind)")])
        }
        let names = TemplateContent.partNames
        let others = changes.names.filter { !names.contains($0) }
        guard others.isEmpty else {
            let detail = "can not be changed; \(names.joined(separator: ", ")) can"
            throw .invalidRequest(others.map { .init(pointer: "/\($0.pointerPart)", detail: detail) })
        }
        guard !changes.isEmpty else {
            throw .invalidRequest([
                .init(pointer: "", detail: "must have at least one of \(names.joined(separator: ", "))")
            ])
        }
        return changes
    }
}

extension Problem {
    static let templateTaken = Problem(
        code: "template-taken",
        status: 409,
        title: "The organization already has a template of this code, channel and language."
    )
}
