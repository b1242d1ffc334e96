/// The parts of a `multipart/form-data` body (RFC 7578), as slices of it: nothing is copied.
package struct MultipartForm: Sendable {
    package static let maximumParts = 100
    /// Bytes of the headers of one part.
    package static let maximumHeaderBytes = 8 * 1024

    package struct Part: Sendable {
        package let name: String
        package let fileName: String?
        package let contentType: String?
        package let bytes: ArraySlice<UInt8>
    }

    package let parts: [Part]

    /// Reads the body once, whatever is in it.
    ///
    /// - Parameters:
    ///   - body: starts and ends with a delimiter; what comes after the last one is left out.
    ///   - contentType: the request's header, which names the boundary.
    /// - Throws: for another content type, a part without a name or without an end, and what exceeds the limits.
    package init(parsing body: [UInt8], contentType: String?) throws(WebhookFormatFailure) {
        guard let boundary = contentType.flatMap(Self.boundary) else {
            throw WebhookFormatFailure(
                detail: "The content type must be multipart/form-data with a boundary of 1 to 70 characters."
            )
        }
        var reader = MultipartReader(body: body, boundary: boundary)
        var parts: [Part] = []
        try reader.start()
        while let part = try reader.next() {
            guard parts.count < Self.maximumParts else {
                throw WebhookFormatFailure(detail: "A form may have at most \(Self.maximumParts) parts.")
            }
            parts.append(part)
        }
        self.parts = parts
    }

    /// The first part of that name.
    package subscript(name: String) -> Part? { self.parts.first { $0.name == name } }

    /// Nil for another type, and for what RFC 2046 does not allow as a boundary.
    private static func boundary(of contentType: String) -> String? {
        let header = ParameterizedHeader(contentType)
        guard header.value == "multipart/form-data", let boundary = header.parameters["boundary"],
            (1...70).contains(boundary.utf8.count), boundary.utf8.allSatisfy({ (0x20...0x7E).contains($0) }),
            !boundary.hasSuffix(" ")
        else { return nil }
        return boundary
    }
}

/// Goes from delimiter to delimiter.
private struct MultipartReader {
    private let body: [UInt8]
    /// Of all but the first, which has no line before it.
    private let delimiter: [UInt8]
    /// What stands after the delimiter that was read last.
    private var position = AfterDelimiter.end

    private enum AfterDelimiter {
        /// The headers of a part, from this index on.
        case part(Int)
        case end
    }

    init(body: [UInt8], boundary: String) {
        self.body = body
        self.delimiter = Array("\r\n--\(boundary)".utf8)
    }

    mutating func start() throws(WebhookFormatFailure) {
        let first = self.delimiter.dropFirst(2)
        guard self.body.starts(with: first), let position = self.position(afterDelimiter: first.count) else {
            throw WebhookFormatFailure(detail: "The body does not start with the boundary.")
        }
        self.position = position
    }

    mutating func next() throws(WebhookFormatFailure) -> MultipartForm.Part? {
        guard case .part(let start) = self.position else { return nil }
        let limit = min(self.body.count, start + MultipartForm.maximumHeaderBytes + 4)
        guard let headerEnd = self.find(Array("\r\n\r\n".utf8), in: start..<limit) else {
            throw WebhookFormatFailure(
                detail: "The headers of a part have no end within \(MultipartForm.maximumHeaderBytes) bytes."
            )
        }
        let content = headerEnd + 4
        var search = content
        while let index = self.find(self.delimiter, in: search..<self.body.count) {
            if let position = self.position(afterDelimiter: index + self.delimiter.count) {
                self.position = position
                return try Self.part(headers: self.body[start..<headerEnd], bytes: self.body[content..<index])
            }
            search = index + 1
        }
        throw WebhookFormatFailure(detail: "A part has no end.")
    }

    /// Nil when the line goes on with something else, so that it is no delimiter.
    private func position(afterDelimiter index: Int) -> AfterDelimiter? {
        let rest = self.body[index...]
        if rest.starts(with: "--".utf8) { return .end }
        let line = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        return line.starts(with: "\r\n".utf8) ? .part(line.startIndex + 2) : nil
    }

    /// A delimiter has one CR, at its start: what was compared in vain can not begin another, so no byte is compared often.
    private func find(_ pattern: [UInt8], in range: Range<Int>) -> Int? {
        var rest = self.body[range]
        while let index = rest.firstIndex(of: pattern[0]) {
            rest = rest[index...]
            if rest.starts(with: pattern) { return index }
            rest.removeFirst()
        }
        return nil
    }

    private static func part(
        headers: ArraySlice<UInt8>,
        bytes: ArraySlice<UInt8>
    ) throws(WebhookFormatFailure) -> MultipartForm.Part {
        let fields = HeaderFields(headers)
        let disposition = fields["content-disposition"].map(ParameterizedHeader.init)
        guard let disposition, disposition.value == "form-data", let name = disposition.parameters["name"]?.nonEmpty
        else {
            throw WebhookFormatFailure(detail: "A part has no `Content-Disposition: form-data` with a name.")
        }
        return MultipartForm.Part(
            name: name,
            fileName: disposition.parameters["filename"]?.nonEmpty,
            contentType: fields["content-type"]?.nonEmpty,
            bytes: bytes
        )
    }
}
