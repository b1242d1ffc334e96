/// Writes forms as SendGrid does.
enum MultipartBody {
    static let contentType = "multipart/form-data; boundary=xYzZY"

    /// The head is what stands after `form-data; ` in the part's first header, with its further headers.
    static func bytes(_ parts: [(head: String, content: [UInt8])]) -> [UInt8] {
        parts.flatMap { part in
            Array("--xYzZY\r\nContent-Disposition: form-data; \(part.head)\r\n\r\n".utf8) + part.content
                + Array("\r\n".utf8)
        } + Array("--xYzZY--\r\n".utf8)
    }

    static func bytes(_ fields: [(name: String, text: String)]) -> [UInt8] {
        self.bytes(fields.map { (head: "name=\"\($0.name)\"", content: Array($0.text.utf8)) })
    }
}
