extension WhatsAppMessage {
    /// Characters of `text.body`, of a caption and of `biz_opaque_callback_data` (Meta, Cloud API reference).
    private static var limits: (text: Int, caption: Int, reference: Int) { (4096, 1024, 512) }

    /// Checks as Meta does.
    ///
    /// - Returns: the recipient: a phone number or, for a user without one, the business-scoped user id.
    func checked() throws(MetaFailure) -> Recipient {
        guard self.messagingProduct == "whatsapp" else {
            throw .parameter("The parameter messaging_product is required and must be 'whatsapp'.")
        }
        guard self.recipientType ?? "individual" == "individual" else {
            throw .parameter("Param recipient_type must be one of {individual}.")
        }
        guard self.reference?.count ?? 0 <= Self.limits.reference else {
            throw .parameter("Param biz_opaque_callback_data must be at most 512 characters long.")
        }
        try self.checkContent()
        return try self.checkedRecipient()
    }

    private func checkedRecipient() throws(MetaFailure) -> Recipient {
        if let recipient = self.recipient, !recipient.isEmpty {
            return .user(recipient)
        }
        guard let to = self.to, !to.isEmpty else {
            throw .parameter("The parameter to is required.")
        }
        let digits = to.filter { !"+-() ".contains($0) }
        guard (5...20).contains(digits.count), digits.allSatisfy({ $0.isASCII && $0.isNumber }) else {
            throw MetaFailure(
                status: 400,
                code: 131009,
                message: "(#131009) Parameter value is not valid",
                details: "Param to is not a valid WhatsApp phone number."
            )
        }
        return .phone(to, digits: digits)
    }

    private func checkContent() throws(MetaFailure) {
        switch self.type ?? "text" {
        case "text": try self.checkText()
        case "template": try self.checkTemplate()
        case "image": try Self.check(self.image, "image")
        case "video": try Self.check(self.video, "video")
        case "audio": try Self.check(self.audio, "audio")
        case "document": try Self.check(self.document, "document")
        case "sticker": try Self.check(self.sticker, "sticker")
        case "interactive": try Self.require(self.interactive?.type != nil, "interactive['type']")
        case "location": try Self.require(self.location != nil, "location")
        case "contacts": try Self.require(self.contacts != nil, "contacts")
        case "reaction": try Self.require(self.reaction != nil, "reaction")
        default:
            throw .parameter(
                "Param type must be one of {AUDIO, CONTACTS, DOCUMENT, IMAGE, INTERACTIVE, LOCATION, REACTION, STICKER, "
                    + "TEMPLATE, TEXT, VIDEO} - got \"\(self.type ?? "")\"."
            )
        }
    }

    private func checkText() throws(MetaFailure) {
        guard let body = self.text?.body, !body.isEmpty else {
            throw .parameter("The parameter text['body'] is required.")
        }
        guard body.unicodeScalars.count <= Self.limits.text else {
            throw .parameter("Param text['body'] must be at most 4096 characters long.")
        }
    }

    private func checkTemplate() throws(MetaFailure) {
        try Self.require(self.template?.name?.isEmpty == false, "template['name']")
        try Self.require(self.template?.language?.code?.isEmpty == false, "template['language']['code']")
    }

    private static func check(_ media: Media?, _ name: String) throws(MetaFailure) {
        guard media?.id != nil || media?.link != nil else {
            throw .parameter("The parameter \(name)['id'] or \(name)['link'] is required.")
        }
        guard media?.caption?.unicodeScalars.count ?? 0 <= Self.limits.caption else {
            throw .parameter("Param \(name)['caption'] must be at most 1024 characters long.")
        }
    }

    private static func require(_ isThere: Bool, _ name: String) throws(MetaFailure) {
        guard isThere else { throw .parameter("The parameter \(name) is required.") }
    }
}
