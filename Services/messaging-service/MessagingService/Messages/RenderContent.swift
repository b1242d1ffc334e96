import Shared

/// Makes of what a message's sender wrote what its recipient gets: in one place for creates, edits and dry runs.
///
/// The result is what is stored, shown, counted and handed to a worker, which changes nothing of it.
enum RenderContent {
    /// - Throws: `Problem` `invalid-request` for what its provider would refuse.
    static func render(
        _ content: MessageContent,
        _ category: Category,
        on channel: Channel,
        by account: ChosenAccount,
        unsubscribeURL: String?
    ) throws(Problem) -> MessageContent {
        // A template has it as a variable.
        if let unsubscribeURL, content.template == nil { return content.linked(to: unsubscribeURL) }
        return try self.render(content, category, on: channel, style: account.smsStyle)
    }

    /// The same, where no account but the style of its SMS is at hand.
    static func render(
        _ content: MessageContent,
        _ category: Category,
        on channel: Channel,
        style: SMSText.Style
    ) throws(Problem) -> MessageContent {
        guard channel == .sms, let body = content.body else { return content }
        var content = content
        do {
            content.body = try SMSText(body, category: category, style: style).text
        } catch {
            guard content.template != nil else {
                throw .invalidRequest([.init(pointer: "/body", detail: error.reason)])
            }
            let detail = "make a text whose body \(error.reason)"
            throw .invalidRequest([.init(pointer: "/template/parameters", detail: detail)])
        }
        return content
    }
}

extension MessageContent {
    /// With the link in the places that its sender kept for it.
    fileprivate func linked(to url: String) -> MessageContent {
        var content = self
        content.body = self.body.map { UnsubscribeLinks.fill($0, with: url) }
        content.html = self.html.map { UnsubscribeLinks.fill($0, with: url) }
        return content
    }

    /// What its recipient gets, with what its provider is handed beside it: the text that is made of an email's HTML.
    func rendered(on channel: Channel) -> MessageContent {
        guard channel == .email else { return self }
        var content = self
        content.body = self.plainText
        return content
    }
}
