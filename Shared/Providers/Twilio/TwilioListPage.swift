import Shared

/// One page of Twilio's list of messages.
struct TwilioListPage {
    let messages: [JSONValue]
    /// The next page below the base URL; nil on the last.
    let next: String?

    /// - Throws: what Twilio said in the place of a list.
    init(_ answer: ProviderAnswer) throws(ExchangeFailure) {
        // Texts are of anybody: an escape that no text of ours can hold must not hide the others.
        let json = try? JSONValue(parsing: answer.body, unstorable: .replaced)
        guard (200..<300).contains(answer.status) else { throw Self.refusal(json, answer) }
        guard let messages = json?["messages"]?.array else { throw Self.malformed }
        self.messages = messages
        self.next = json?["next_page_uri"]?.string.flatMap { $0.isEmpty ? nil : $0 }
    }

    private static func refusal(_ json: JSONValue?, _ answer: ProviderAnswer) -> ExchangeFailure {
        ExchangeFailure(
            reason: ProviderError(
                code: (json?["code"]?.int).map(String.init) ?? "http-\(answer.status)",
                detail: json?["message"]?.string ?? "The list of messages was answered with \(answer.status).",
                response: answer.text
            )
        )
    }

    /// Without the answer itself, which has the texts of messages.
    static let malformed = ExchangeFailure(
        reason: ProviderError(code: "answer-malformed", detail: "The answer is no list of messages.")
    )
}

/// What Twilio's list says of one message, as far as it matters to a look-up.
struct TwilioListedMessage: Equatable {
    let sid: String
    let to: String
    /// Empty too when the account has texts removed after sending.
    let body: String
    let hasMedia: Bool
    let created: Timestamp
    let isOutbound: Bool

    init(sid: String, to: String, body: String, hasMedia: Bool, created: Timestamp, isOutbound: Bool) {
        self.sid = sid
        self.to = to
        self.body = body
        self.hasMedia = hasMedia
        self.created = created
        self.isOutbound = isOutbound
    }

    /// Nil for what is no message.
    init?(_ json: JSONValue) {
        guard let sid = json["sid"]?.string, !sid.isEmpty, let direction = json["direction"]?.string,
            let created = json["date_created"]?.string.flatMap(MailDate.timestamp)
        else { return nil }
        self.init(
            sid: sid,
            to: json["to"]?.string ?? "",
            body: json["body"]?.string ?? "",
            hasMedia: (json["num_media"]?.string ?? "0") != "0",
            created: created,
            // outbound-api, outbound-call, outbound-reply; the other is inbound.
            isOutbound: direction.hasPrefix("outbound")
        )
    }
}
