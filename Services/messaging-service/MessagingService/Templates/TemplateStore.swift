import Postgres
import Shared

/// The statements on `templates` and `template_versions`.
enum TemplateStore {
    /// The template closest to each wish: the language itself, its base, or any.
    static func find(
        _ wishes: [TemplateWish],
        on connection: isolated PostgresConnection
    ) throws -> [TemplateWish: FoundTemplate] {
        let rows = try connection.query(self.closest(wishes))
        var found: [TemplateWish: FoundTemplate] = [:]
        for row in rows {
            let wish = wishes[try row.get("item", as: Int.self) - 1]
            let channel: Channel = try row.get("channel")
            found[wish] = FoundTemplate(
                wish: wish,
                template: StoredTemplate(
                    version: try row.get("version"),
                    code: try row.get("code"),
                    channel: channel,
                    language: try row.get("language"),
                    content: try TemplateContent(stored: try row.parts("content"), of: channel)
                ),
                languages: try row.get("languages")
            )
        }
        return found
    }

    /// One row for each wish whose code the organization has on the channel.
    static func closest(_ wishes: [TemplateWish]) -> SQL {
        """
        SELECT r.item, t.code, t.channel, t.language, t.version, t.languages, v.content
          FROM unnest(\(wishes.map(\.orgID))::uuid[], \(wishes.map(\.code))::text[],
                      \(wishes.map(\.channel))::channel[], \(wishes.map(\.key))::text[], \(wishes.map(\.base))::text[])
               WITH ORDINALITY AS r (org_id, code, channel, language, base, item)
          CROSS JOIN LATERAL (
            SELECT o.*, count(*) OVER () AS languages
              FROM templates o
             WHERE o.org_id = r.org_id AND o.code = r.code AND o.channel = r.channel
             ORDER BY lower(replace(o.language, '_', '-')) = r.language DESC,
                      lower(replace(o.language, '_', '-')) = r.base DESC, o.language
             LIMIT 1
          ) t
          JOIN template_versions v ON v.org_id = t.org_id AND v.template_id = t.id AND v.version = t.version
        """
    }

    /// One template, in the newest version unless another is named.
    static func find(
        _ id: TemplateID,
        of orgID: OrgID,
        version: Int? = nil,
        on connection: isolated PostgresConnection
    ) throws -> TemplateResource? {
        let rows = try connection.query(
            """
            SELECT t.org_id, t.id, t.code, t.channel, t.language, v.version, v.content, t.created_at,
                   v.created_at AS updated_at
              FROM templates t
              JOIN template_versions v
                ON v.org_id = t.org_id AND v.template_id = t.id AND v.version = coalesce(\(version)::int, t.version)
             WHERE t.org_id = \(orgID) AND t.id = \(id)
            """
        )
        return try rows.first.map { try TemplateResource($0) }
    }

    /// One page, the newest first.
    static func list(
        _ filter: TemplateFilter,
        of orgID: OrgID,
        before cursor: TemplateID?,
        limit: Int,
        on connection: isolated PostgresConnection
    ) throws -> [TemplateResource] {
        try connection.query(self.page(filter, of: orgID, before: cursor, limit: limit)).map {
            try TemplateResource($0)
        }
    }

    /// The templates of the page first: some have many versions.
    static func page(_ filter: TemplateFilter, of orgID: OrgID, before cursor: TemplateID?, limit: Int) -> SQL {
        """
        SELECT t.org_id, t.id, t.code, t.channel, t.language, v.version, v.content, t.created_at,
               v.created_at AS updated_at
          FROM (
            SELECT * FROM templates
             WHERE org_id = \(orgID) AND (\(cursor)::uuid IS NULL OR id < \(cursor))
               AND (\(filter.code)::text IS NULL OR code = \(filter.code))
               AND (\(filter.channels)::channel[] IS NULL OR channel = ANY (\(filter.channels)))
               AND (\(filter.language)::text IS NULL OR language = \(filter.language))
             ORDER BY id DESC LIMIT \(limit)::int
          ) t
          JOIN template_versions v ON v.org_id = t.org_id AND v.template_id = t.id AND v.version = t.version
         ORDER BY t.id DESC
        """
    }

    /// The newest thousand versions, the newest first, without what they say.
    static func versions(
        of id: TemplateID,
        _ orgID: OrgID,
        on connection: isolated PostgresConnection
    ) throws(PostgresError) -> [JSONValue] {
        try connection.query(
            """
            SELECT version, created_at, actor FROM template_versions
             WHERE org_id = \(orgID) AND template_id = \(id) ORDER BY version DESC LIMIT 1000
            """
        ).map { row throws(PostgresError) in
            .object(members: [
                ("version", .number(JSONNumber(try row.get("version", as: Int.self)))),
                ("created_at", .text(try row.get("created_at", as: Timestamp.self))),
                ("actor", .string(try row.get("actor"))),
            ])
        }
    }

    /// - Returns: statements of which the first fails with `uniqueViolation` where the template is there already.
    static func insert(_ template: TemplateResource, by actor: String) -> [SQL] {
        [
            """
            INSERT INTO templates (org_id, id, code, channel, language, version, created_at)
            VALUES (\(template.orgID), \(template.id), \(template.code), \(template.channel), \(template.language),
                    \(template.version), \(template.createdAt))
            """,
            self.insertVersion(template, by: actor),
        ]
    }

    static func insertVersion(_ template: TemplateResource, by actor: String) -> SQL {
        """
        INSERT INTO template_versions (org_id, template_id, version, content, actor, created_at)
        VALUES (\(template.orgID), \(template.id), \(template.version), \(JSONValue.object(template.parts).text)::json,
                \(actor), \(template.updatedAt))
        """
    }

    /// Reads a template of which nobody else makes a version until the transaction ends.
    static func lock(
        _ id: TemplateID,
        of orgID: OrgID,
        on connection: isolated PostgresConnection
    ) throws -> TemplateResource? {
        // Two statements: the second sees what the lock waited for.
        try connection.query("SELECT id FROM templates WHERE org_id = \(orgID) AND id = \(id) FOR UPDATE")
        return try self.find(id, of: orgID, on: connection)
    }

    static func setVersion(of template: TemplateResource) -> SQL {
        """
        UPDATE templates SET version = \(template.version) WHERE org_id = \(template.orgID) AND id = \(template.id)
        """
    }

    static func remove(_ id: TemplateID, of orgID: OrgID) -> SQL {
        "DELETE FROM templates WHERE org_id = \(orgID) AND id = \(id) RETURNING id"
    }
}

/// Which templates a list shows.
struct TemplateFilter: Sendable {
    let code: String?
    let channels: [Channel]?
    let language: String?
}

extension Row {
    /// A column with an object in our own encoding.
    func parts(_ column: String) throws -> JSONObject {
        let text: String = try self.get(column)
        guard let object = try JSONValue(parsing: Array(text.utf8)).object else {
            throw PostgresError.decoding(column: column, type: "JSONObject")
        }
        return object
    }
}
