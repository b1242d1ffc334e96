import Foundation
import Shared

extension JSONFields {
    /// The files of an email; nil where none are given, empty where they are to go.
    mutating func attachments(_ name: String) -> [AttachmentFile]? {
        let most = AttachmentRules.count.upperBound
        guard let files = self.each(name, 0...most, { AttachmentFile(&$0) }) else { return nil }
        let bytes = files.reduce(0) { $0 + $1.content.count }
        if bytes > AttachmentRules.totalBytes {
            self.violation(
                at: name,
                "must have at most \(AttachmentRules.totalBytes) bytes together, and have \(bytes)"
            )
        }
        return files
    }
}

extension AttachmentFile {
    fileprivate init(_ fields: inout JSONFields) {
        let filename = fields.requiredString("filename", AttachmentRules.nameLength)
        if !filename.isEmpty, !AttachmentRules.isName(filename) {
            fields.violation(at: "filename", "must be one line without / and \\")
        }
        let type = fields.requiredString("content_type", 1...127)
        if !type.isEmpty, !AttachmentRules.isType(type) {
            fields.violation(at: "content_type", "must be a type like application/pdf, without parameters")
        }
        // The longest base64 of what all may have together.
        let text = fields.requiredString("content", 1...(AttachmentRules.totalBytes / 3 + 1) * 4)
        // Read back it must be the same: Foundation takes paddings of any length.
        let content = Data(base64Encoded: text).flatMap { $0.base64EncodedString() == text ? $0 : nil }
        if !text.isEmpty, content == nil {
            fields.violation(at: "content", "must be base64 of at least one byte")
        }
        self.init(filename: filename, contentType: type, content: content ?? Data())
    }
}

extension Attachment {
    /// As it is stored with the message, and shown.
    var json: JSONValue {
        .object(members: [
            ("filename", .string(self.filename)), ("content_type", .string(self.contentType)),
            ("size", .number(JSONNumber(self.size))),
        ])
    }
}
