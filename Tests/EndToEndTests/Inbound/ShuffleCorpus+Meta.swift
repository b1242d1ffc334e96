import Shared

extension ShuffleCorpus {
    /// A message of any type that Meta knows, and of some that it does not.
    mutating func metaMessage() -> ShuffleEvent.Payload {
        let number = self.number
        let person = self.anyPerson()
        let phone = Self.phone(person)
        let (type, part) = self.content(of: phone)
        var sender = #""from":"\#(phone)""#
        var contact = #"{"wa_id":"\#(phone)"}"#
        if Self.hasUserID(person) {
            let user = #""from_user_id":"US.\#(person)""#
            sender = number.isMultiple(of: 2) ? user : "\(sender),\(user)"
            contact = #"{"user_id":"US.\#(person)","profile":{"name":"User \#(number)"}}"#
        } else if number.isMultiple(of: 3) {
            contact = #"{"wa_id":"\#(phone)","profile":{"name":"Name \#(number)"}}"#
        }
        let message =
            #"{"id":"wamid.in.\#(number)",\#(sender),"timestamp":"\#(self.seconds)","type":"\#(type)",\#(part)}"#
        return .meta(#""contacts":[\#(contact)],"messages":[\#(message)]"#)
    }

    private mutating func content(of phone: String) -> (type: String, part: String) {
        let answered = ShuffleEvent.placeholder("wa-\(Int.random(in: 0..<self.whatsApp, using: &self.random))")
        let body = "Text \(self.number)"
        let kinds: [(String, String)] = [
            ("text", #""text":{"body":"\#(body)"}"#),
            ("text", #""text":{"body":"\#(body)"},"context":{"id":"\#(answered)"}"#),
            ("reaction", #""reaction":{"message_id":"\#(answered)","emoji":"👍"}"#),
            ("image", #""image":{"id":"m\#(self.number)","mime_type":"image/jpeg","caption":"Look"}"#),
            ("audio", #""audio":{"id":"m\#(self.number)","mime_type":"audio/ogg","voice":true}"#),
            ("document", #""document":{"id":"m\#(self.number)","mime_type":"application/pdf","filename":"a.pdf"}"#),
            ("location", #""location":{"latitude":52.5,"longitude":13.4}"#),
            ("contacts", #""contacts":[{"name":{"formatted_name":"Bob"}}]"#),
            ("button", #""button":{"text":"Yes","payload":"p1"}"#),
            ("interactive", #""interactive":{"type":"button_reply","button_reply":{"id":"b","title":"Yes"}}"#),
            ("order", #""order":{"catalog_id":"c","product_items":[{"product_retailer_id":"p","quantity":2}]}"#),
            ("unsupported", #""errors":[{"code":131051,"title":"Message type unknown"}]"#),
            ("hologram", #""hologram":{"id":"h"}"#),
        ]
        let keyword = ["STOP", "START", "HELP"].randomElement(using: &self.random) ?? "HELP"
        if Int.random(in: 0..<12, using: &self.random) == 0, self.said.insert(phone + keyword).inserted {
            return ("text", #""text":{"body":"\#(keyword)"}"#)
        }
        return kinds.randomElement(using: &self.random) ?? kinds[0]
    }

    func status(_ name: String, of reference: String, at place: Int64) -> ShuffleEvent.Payload {
        let seconds = Self.start.microseconds / 1_000_000 + place
        let errors = name == "failed" ? #","errors":[{"code":131026,"title":"Undeliverable"}]"# : ""
        return .meta(
            #""statuses":[{"id":"\#(ShuffleEvent.placeholder(reference))","status":"\#(name)","#
                + #""timestamp":"\#(seconds)"\#(errors)}]"#
        )
    }

    /// Of a message that nobody has sent.
    func unknownReport() -> ShuffleEvent.Payload {
        .meta(
            #""statuses":[{"id":"wamid.in.none.\#(self.number)","status":"delivered","timestamp":"\#(self.seconds)"}]"#
        )
    }
}
