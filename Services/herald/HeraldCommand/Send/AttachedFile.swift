import Foundation
import Shared

/// A file that goes with an email, as `POST /messages` takes it.
enum AttachedFile {
    /// Its type is told by its name, where that is one of the usual ones.
    static func read(_ path: String) throws(CommandFailure) -> JSONValue {
        let url = URL(filePath: path)
        let data: Data
        do {
            data = try Data(contentsOf: url)
        } catch {
            throw .usage("The file \(PlainText.of(path)) can not be read.")
        }
        guard data.count <= AttachmentRules.totalBytes else {
            throw .usage("The file \(PlainText.of(path)) has more than \(AttachmentRules.totalBytes >> 20) MB.")
        }
        return [
            "filename": .string(url.lastPathComponent),
            "content_type": .string(Self.types[url.pathExtension.lowercased()] ?? "application/octet-stream"),
            "content": .string(data.base64EncodedString()),
        ]
    }

    private static let types = [
        "csv": "text/csv", "doc": "application/msword",
        "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "gif": "image/gif",
        "htm": "text/html", "html": "text/html", "ics": "text/calendar", "jpeg": "image/jpeg", "jpg": "image/jpeg",
        "json": "application/json", "mp3": "audio/mpeg", "mp4": "video/mp4",
        "ods": "application/vnd.oasis.opendocument.spreadsheet", "odt": "application/vnd.oasis.opendocument.text",
        "pdf": "application/pdf", "png": "image/png", "ppt": "application/vnd.ms-powerpoint",
        "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation", "svg": "image/svg+xml",
        "txt": "text/plain", "webp": "image/webp", "xls": "application/vnd.ms-excel",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xml": "application/xml",
        "zip": "application/zip",
    ]
}
