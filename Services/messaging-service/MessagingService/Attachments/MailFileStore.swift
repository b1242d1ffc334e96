import Foundation
import Postgres
import Shared

/// The statements on `message_attachments`: the files of outgoing emails.
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

    static func delete(of key: MessageKey) -> SQL {
        "DELETE FROM message_attachments WHERE org_id = \(key.orgID) AND message_id = \(key.id)"
    }

    /// The files of a message, in their order; with `position`, at most that one.
    static func files(of key: MessageKey, at position: Int? = nil) -> SQL {
        """
        SELECT filename, content_type, translate(encode(content, 'base64'), E'\\n', '') AS content FROM message_attachments
         WHERE org_id = \(key.orgID) AND message_id = \(key.id) AND (\(position)::int IS NULL OR position = \(position))
         ORDER BY position
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
