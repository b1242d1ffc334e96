import Foundation
import Postgres
import Shared

/// The statements on `message_attachments` and `broadcast_attachments`: the files of outgoing emails.
enum MailFileStore {
    /// In base64 both ways: half the length of Postgres' own notation, and read and written by loops in C.
    static func insert(_ files: [AttachmentFile], of key: MessageKey) -> [SQL] {
        files.enumerated().map { position, file in
            """
            INSERT INTO message_attachments (org_id, message_id, position, filename, content_type, content)
            VALUES (\(key.orgID), \(key.id), \(position)::smallint, \(file.filename), \(file.contentType),
                    decode(\(file.content.base64EncodedString()), 'base64'))
            """
        }
    }

    static func insert(_ files: [AttachmentFile], of id: ID<Broadcast>, _ orgID: OrgID) -> [SQL] {
        files.enumerated().map { position, file in
            """
            INSERT INTO broadcast_attachments (org_id, broadcast_id, position, filename, content_type, content)
            VALUES (\(orgID), \(id), \(position)::smallint, \(file.filename), \(file.contentType),
                    decode(\(file.content.base64EncodedString()), 'base64'))
            """
        }
    }

    static func delete(of key: MessageKey) -> SQL {
        "DELETE FROM message_attachments WHERE org_id = \(key.orgID) AND message_id = \(key.id)"
    }

    /// The files of a message, in their order; with `position`, at most that one.
    ///
    /// Its own, if it has any. Else those of its broadcast, unless it was edited to have none, or erased.
    static func files(of key: MessageKey, at position: Int? = nil) -> SQL {
        """
        WITH own AS (
            SELECT position, filename, content_type, content FROM message_attachments
             WHERE org_id = \(key.orgID) AND message_id = \(key.id)
        ), files AS (
            SELECT * FROM own
            UNION ALL
            SELECT b.position, b.filename, b.content_type, b.content
              FROM messages m JOIN broadcast_attachments b ON b.org_id = m.org_id AND b.broadcast_id = m.broadcast_id
             WHERE m.org_id = \(key.orgID) AND b.org_id = \(key.orgID) AND m.id = \(key.id)
               AND (m.content IS NULL OR m.content -> 'attachments' IS NOT NULL) AND NOT EXISTS (SELECT FROM own)
        )
        SELECT filename, content_type, translate(encode(content, 'base64'), E'\\n', '') AS content FROM files
         WHERE \(position)::int IS NULL OR position = \(position) ORDER BY position
        """
    }

    static func file(in row: Row) throws(PostgresError) -> AttachmentFile {
        guard let content = Data(base64Encoded: try row.get("content", as: String.self)) else {
            throw .decoding(column: "content", type: "Data")
        }
        return AttachmentFile(
            filename: try row.get("filename"),
            contentType: try row.get("content_type"),
            content: content
        )
    }
}
