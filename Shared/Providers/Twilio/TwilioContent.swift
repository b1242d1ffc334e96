import Shared

/// Reads what a message to a number of Twilio's says.
enum TwilioContent {
    static func read(_ form: FormParameters) -> InboundContent {
        let attachments = Self.attachments(form)
        return InboundContent(
            kind: Self.kind(form, attachments),
            body: ["Body", "ButtonText", "Label", "Address"].lazy.compactMap { form[$0]?.nonEmpty }.first,
            attachments: attachments,
            details: Self.details(form)
        )
    }

    /// WhatsApp's type where there is one: its names are those of the kinds.
    private static func kind(_ form: FormParameters, _ attachments: [InboundAttachment]) -> InboundContent.Kind {
        switch form["MessageType"].flatMap(InboundContent.Kind.init(rawValue:)) {
        case .email, .system, .text, nil: break
        case let kind?: return kind
        }
        if form["ButtonText"]?.nonEmpty != nil || form["ButtonPayload"]?.nonEmpty != nil { return .button }
        if form["Latitude"]?.nonEmpty != nil { return .location }
        return attachments.first.map { .init(mediaType: $0.contentType) } ?? .text
    }

    /// Media are numbered from 0; a number has at most the two parameters that a form has room for.
    private static func attachments(_ form: FormParameters) -> [InboundAttachment] {
        let announced = form["NumMedia"].flatMap { Int($0) } ?? 0
        return (0..<min(max(announced, 0), FormParameters.maximumPairs)).compactMap { number in
            form["MediaUrl\(number)"]?.nonEmpty.map { url in
                InboundAttachment(
                    source: .url(url),
                    contentType: form["MediaContentType\(number)"]?.nonEmpty,
                    fileName: nil
                )
            }
        }
    }

    /// What the words do not say: a button's payload, a place, that the message was forwarded, the advertisement it answers.
    private static func details(_ form: FormParameters) -> JSONValue? {
        let names: Set = ["Latitude", "Longitude", "Address", "Label", "Forwarded", "FrequentlyForwarded"]
        var details = JSONObject()
        for pair in form.pairs where !pair.value.isEmpty {
            guard names.contains(pair.name) || pair.name.hasPrefix("Button") || pair.name.hasPrefix("Referral") else {
                continue
            }
            details[pair.name] = .string(pair.value)
        }
        return details.isEmpty ? nil : .object(details)
    }
}
