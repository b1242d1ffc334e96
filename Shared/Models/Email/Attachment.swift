package import Foundation

/// A file of an outgoing email, as its message shows it.
package struct Attachment: Sendable, Equatable, Codable {
    package let filename: String
    /// `application/pdf`; without parameters.
    package let contentType: String
    /// Bytes.
    package let size: Int

    package init(filename: String, contentType: String, size: Int) {
        self.filename = filename
        self.contentType = contentType
        self.size = size
    }

    private enum CodingKeys: String, CodingKey {
        case contentType = "content_type"
        case filename, size
    }
}

/// The same file with its bytes, which travel only where they are stored and where they are sent.
package struct AttachmentFile: Sendable, Equatable, Codable {
    package let filename: String
    package let contentType: String
    package let content: Data

    package init(filename: String, contentType: String, content: Data) {
        self.filename = filename
        self.contentType = contentType
        self.content = content
    }

    package var listing: Attachment {
        Attachment(filename: self.filename, contentType: self.contentType, size: self.content.count)
    }
}
