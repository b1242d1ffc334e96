import Postgres
import Shared

/// A template in one version, as the public API shows it.
struct TemplateResource: Sendable {
    let orgID: OrgID
    let id: TemplateID
    let code: String
    let channel: Channel
    let language: String
    var version: Int
    /// What it says, as `TemplateContent` wrote it down.
    var parts: JSONObject
    let createdAt: Timestamp
    /// When this version was made.
    var updatedAt: Timestamp

    init(_ template: NewTemplate, id: TemplateID, of orgID: OrgID, at now: Timestamp) {
        self.orgID = orgID
        self.id = id
        self.code = template.code
        self.channel = template.channel
        self.language = template.language
        self.version = 1
        self.parts = template.content.parts
        self.createdAt = now
        self.updatedAt = now
    }

    init(_ row: Row) throws {
        self.orgID = try row.get("org_id")
        self.id = try row.get("id")
        self.code = try row.get("code")
        self.channel = try row.get("channel")
        self.language = try row.get("language")
        self.version = try row.get("version")
        self.parts = try row.parts("content")
        self.createdAt = try row.get("created_at")
        self.updatedAt = try row.get("updated_at")
    }

    /// As messages are made of it.
    var stored: StoredTemplate {
        get throws {
            StoredTemplate(
                version: self.version,
                code: self.code,
                channel: self.channel,
                language: self.language,
                content: try TemplateContent(stored: self.parts, of: self.channel)
            )
        }
    }

    /// In the order of `openapi.yaml`; absent parts are `null`.
    var json: JSONValue {
        var members: [(String, JSONValue)] = [
            ("id", .text(self.id)), ("org_id", .text(self.orgID)), ("code", .string(self.code)),
            ("channel", .string(self.channel.rawValue)), ("language", .string(self.language)),
            ("version", .number(JSONNumber(self.version))),
        ]
        members += TemplateContent.partNames.map { ($0, self.parts[$0] ?? .null) }
        members += [("created_at", .text(self.createdAt)), ("updated_at", .text(self.updatedAt))]
        return .object(members: members)
    }
}
