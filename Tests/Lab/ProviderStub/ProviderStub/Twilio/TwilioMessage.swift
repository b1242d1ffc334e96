/// The form of a send request, checked as Twilio checks it.
struct TwilioMessage: Sendable {
    let form: FormFields
    let to: String
    let from: String?
    let body: String
    let serviceSID: String?
    let statusCallback: String?

    /// Characters of the body (Twilio, error 21617).
    private static let limitCharacters = 1600

    init(form: FormFields) throws(TwilioFailure) {
        guard let to = form["To"] else {
            throw .parameter(21604, "A 'To' phone number is required.")
        }
        guard Self.isAddress(to) else {
            throw .parameter(21211, "Invalid 'To' Phone Number: \(to)")
        }
        guard form["From"] != nil || form["MessagingServiceSid"] != nil else {
            throw .parameter(21603, "A 'From' phone number is required.")
        }
        guard form["Body"] != nil || form["MediaUrl"] != nil || form["ContentSid"] != nil else {
            throw .parameter(21602, "Message body is required.")
        }
        guard form["Body"]?.count ?? 0 <= Self.limitCharacters else {
            throw .parameter(21617, "The concatenated message body exceeds the 1600 character limit.")
        }
        if let callback = form["StatusCallback"], !callback.hasPrefix("http://"), !callback.hasPrefix("https://") {
            throw .parameter(21609, "The 'StatusCallback' URL \(callback) is not a valid URL.")
        }
        self.form = form
        self.to = to
        self.from = form["From"]
        self.body = form["Body"] ?? ""
        self.serviceSID = form["MessagingServiceSid"]
        self.statusCallback = form["StatusCallback"]
    }

    /// The sender's reference: the `ref` item of the callback's query.
    var reference: String? {
        guard let url = self.statusCallback, let mark = url.firstIndex(of: "?") else { return nil }
        let query = url[mark...].dropFirst().prefix { $0 != "#" }
        return FormFields(decoding: query.utf8)["ref"]
    }

    /// Segments as Twilio writes them: a string, and `0` as long as a service has not chosen the sender.
    ///
    /// ASCII counts as GSM-7, everything else as UCS-2: close enough for an answer nobody bills by.
    var segments: String {
        guard self.serviceSID == nil else { return "0" }
        let isASCII = self.body.utf8.allSatisfy { $0 < 0x80 }
        let units = isASCII ? self.body.utf8.count : self.body.utf16.count
        let (single, part) = isASCII ? (160, 153) : (70, 67)
        return String(units <= single ? 1 : (units + part - 1) / part)
    }

    /// E.164, with or without `whatsapp:`.
    private static func isAddress(_ text: String) -> Bool {
        let number = text.hasPrefix("whatsapp:") ? text.dropFirst("whatsapp:".count) : text[...]
        let digits = number.dropFirst()
        return number.hasPrefix("+") && (7...15).contains(digits.count) && digits.first != "0"
            && digits.allSatisfy { $0.isASCII && $0.isNumber }
    }
}
