import Shared

extension ShuffleCorpus {
    /// A message to the Twilio number, and sometimes a keyword.
    mutating func text() -> ShuffleEvent.Payload {
        let person = self.anyPerson()
        let phone = "+" + Self.phone(Self.hasUserID(person) ? person + 1 : person)
        var parameters = [
            ("MessageSid", "SMin\(self.number)"), ("From", phone), ("To", "+15550009999"), ("AccountSid", "AC1"),
        ]
        if person.isMultiple(of: 4), self.said.insert("sms" + phone).inserted {
            let keyword = ["STOP", "START", "HELP"][person % 3]
            parameters.append(("Body", keyword))
            // Twilio has answered it by itself.
            if person.isMultiple(of: 8) { parameters.append(("OptOutType", keyword)) }
        } else if self.number.isMultiple(of: 5) {
            parameters += [
                ("Body", "Look"), ("NumMedia", "1"), ("MediaUrl0", "https://api.twilio.com/m/\(self.number)"),
                ("MediaContentType0", "image/jpeg"),
            ]
        } else {
            parameters.append(("Body", "Text \(self.number)"))
        }
        return .twilio(parameters, path: "messages")
    }

    func smsStatus(_ name: String, of reference: String) -> ShuffleEvent.Payload {
        let error = name == "undelivered" ? [("ErrorCode", "30006")] : []
        return .twilio(
            [("MessageSid", ShuffleEvent.placeholder(reference)), ("MessageStatus", name)] + error,
            path: "status"
        )
    }

    /// About a mail that was not sent by us, since there is no account that sends by SendGrid.
    func mailEvent() -> ShuffleEvent.Payload {
        let names = ["processed", "deferred", "delivered", "open", "bounce", "click", "unsubscribe"]
        return .sendGrid(
            #"{"event":"\#(names[self.number % names.count])","sg_event_id":"e\#(self.number)","#
                + #""sg_message_id":"m\#(self.number / 3).f","timestamp":\#(self.seconds)}"#
        )
    }

    mutating func mail() -> ShuffleEvent.Payload {
        let address = "ann\(self.anyPerson())@example.com"
        let isNamed = self.said.insert(address).inserted
        return .mail([
            ("headers", "Message-ID: <m\(self.number)@example.com>"), ("from", isNamed ? "Ann <\(address)>" : address),
            ("subject", "Subject \(self.number)"), ("text", "Mail \(self.number)"),
        ])
    }

    /// A message, a status or something unknown at the generic endpoint.
    mutating func hook() -> ShuffleEvent.Payload {
        let number = self.number
        let body =
            switch number % 6 {
            case 0: #"{"type":"message.status","data":{"message_id":"x\#(number)","status":"delivered"}}"#
            case 1: #"{"type":"ping","data":{"number":\#(number)}}"#
            default:
                #"{"type":"message.received","data":{"id":"g\#(number)","from":"user-\#(self.anyPerson())","#
                    + #""body":"Hook \#(number)"}}"#
            }
        return .http(id: "h\(number)", body)
    }
}
