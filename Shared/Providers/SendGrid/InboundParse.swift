import Shared

/// Reads an email that SendGrid's Inbound Parse posts.
///
/// - Source: Twilio, "Configure the inbound parse webhook"; the form's fields are `from`, `to`, `cc`, `subject`, `text`, `html`,
///   `headers`, `envelope`, `charsets`, `attachment-info`, `attachment1`, `attachment2`, ...
package enum InboundParse {
    /// The message; `other` when it has no sender.
    ///
    /// - Throws: when the body is not the form that the content type announces.
    package static func event(_ body: [UInt8], contentType: String?) throws(WebhookFormatFailure) -> WebhookEvent {
        let email = ParsedEmail(try MultipartForm(parsing: body, contentType: contentType))
        let headers = email.headers
        // The same mail comes again with the same Message-ID, which few mails lack.
        let key = headers["message-id"].flatMap(Self.messageID) ?? EventKey.digest(of: body)
        guard let sender = email.sender else {
            return WebhookEvent(key: key, providerNumber: nil, content: .other("email"))
        }
        let message = InboundMessage(
            eventKey: key,
            providerMessageID: key,
            senders: [sender.address],
            profileName: sender.name,
            content: email.content,
            inReplyTo: headers["in-reply-to"].flatMap(Self.messageID)
        )
        return WebhookEvent(key: key, providerNumber: nil, content: .message(message))
    }

    /// A file that came with a mail.
    package struct File: Sendable {
        /// As the provider told; nil when it did not.
        package let contentType: String?
        package let name: String?
        package let bytes: ArraySlice<UInt8>
    }

    /// The attachment that is the form's part `name`.
    ///
    /// - Returns: nil when the form has no such part, and for a part that is no file.
    /// - Throws: as `event`.
    package static func file(
        _ name: String,
        of body: [UInt8],
        contentType: String?
    ) throws(WebhookFormatFailure) -> File? {
        let form = try MultipartForm(parsing: body, contentType: contentType)
        guard let part = form[name],
            let told = ParsedEmail(form).attachments.first(where: { $0.source == .part(name: name) })
        else { return nil }
        return File(contentType: told.contentType, name: told.fileName, bytes: part.bytes)
    }

    /// The first `<id@host>` of a header, with its brackets; all of it where there are none.
    private static func messageID(_ header: String) -> String? {
        guard let start = header.firstIndex(of: "<"), let end = header[start...].firstIndex(of: ">") else {
            return header.nonEmpty.map(EventKey.bounded)
        }
        return EventKey.bounded(String(header[start...end]))
    }
}
