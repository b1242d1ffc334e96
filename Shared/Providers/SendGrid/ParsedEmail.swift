import Shared

/// The fields of a form that Inbound Parse posts.
struct ParsedEmail {
    private let form: MultipartForm
    private let charsets: JSONValue?

    init(_ form: MultipartForm) {
        self.form = form
        self.charsets = Self.json(form["charsets"])
    }

    /// The mail's own.
    var headers: HeaderFields { HeaderFields(self.form["headers"]?.bytes ?? []) }

    /// Whom `From` names, or else who gave the mail to the server.
    var sender: (address: Address, name: String?)? {
        let mailbox = self.text("from").flatMap(Mailbox.init(firstIn:))
        let envelope = Self.json(self.form["envelope"])?["from"]?.string
        let address = mailbox.flatMap { Self.address($0.address) } ?? envelope.flatMap(Self.address)
        return address.map { ($0, mailbox?.name) }
    }

    var content: InboundContent {
        var details = JSONObject()
        for name in ["to", "cc"] { details[name] = self.text(name)?.nonEmpty.map(JSONValue.string) }
        return InboundContent(
            kind: .email,
            body: self.text("text")?.nonEmpty,
            subject: self.text("subject")?.nonEmpty,
            html: self.text("html")?.nonEmpty,
            attachments: self.attachments,
            details: details.isEmpty ? nil : .object(details)
        )
    }

    /// In the charset that `charsets` names for it.
    private func text(_ name: String) -> String? {
        self.form[name].map { Charset.text($0.bytes, in: self.charsets?[name]?.string) }
    }

    var attachments: [InboundAttachment] {
        let info = Self.json(self.form["attachment-info"])
        return self.form.parts.filter(Self.isAttachment).map { part in
            let told = info?[part.name]
            return InboundAttachment(
                source: .part(name: part.name),
                contentType: told?["type"]?.string?.nonEmpty ?? part.contentType,
                fileName: told?["filename"]?.string?.nonEmpty ?? told?["name"]?.string?.nonEmpty ?? part.fileName
            )
        }
    }

    /// `attachment1`, and whatever else came as a file.
    private static func isAttachment(_ part: MultipartForm.Part) -> Bool {
        if part.fileName != nil { return true }
        let number = part.name.utf8.dropFirst("attachment".utf8.count)
        return part.name.hasPrefix("attachment") && !number.isEmpty && number.allSatisfy(\.isASCIIDigit)
    }

    /// As we write addresses, where we can: mail servers take more than that.
    private static func address(_ text: String) -> Address? {
        if let address = try? Address(text, for: .email) { return address }
        let address = Address(kind: .email, value: text)
        guard address.isStorable, text.contains("@"), HeaderLine.isSafe(text), !text.contains(" ") else { return nil }
        return address
    }

    private static func json(_ part: MultipartForm.Part?) -> JSONValue? {
        part.flatMap { try? JSONValue(parsing: Array($0.bytes), unstorable: .replaced) }
    }
}
