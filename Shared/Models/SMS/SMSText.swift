/// What an SMS says: the one place where its text is made, so that what is counted and shown is what is sent.
package struct SMSText: Sendable, Equatable {
    /// In UTF-16 units: Twilio takes no more.
    package static let mostCharacters = 1600

    package let text: String
    package let segments: SMSSegments

    /// What an account adds to a text, and how it spells it.
    package struct Style: Sendable, Equatable {
        /// Of marketing messages, on a line of its own; nil for none.
        package let footer: String?
        package let transliterates: Bool

        package init(footer: String? = nil, transliterates: Bool = false) {
            self.footer = footer
            self.transliterates = transliterates
        }
    }

    /// A text that the provider would refuse.
    package struct TooLong: Error, Sendable, Equatable {
        /// A sentence without its subject, with the counts.
        package let reason: String
    }

    /// Makes the text of a body; making it of its own result gives that result again, so that an edit adds nothing twice.
    package init(_ body: String, category: Category, style: Style) throws(TooLong) {
        let footer = category == .marketing ? style.missingFooter(of: body) : nil
        self.text = style.spelling(of: footer.map { "\(body)\n\($0)" } ?? body)
        self.segments = SMSSegments(self.text)
        if let reason = Self.excess(of: self.text, hasFooter: footer != nil) { throw TooLong(reason: reason) }
    }

    /// Why a text is too long; nil where it is not.
    package static func excess(of text: String, hasFooter: Bool = false) -> String? {
        let characters = text.utf16.count
        guard characters > Self.mostCharacters else { return nil }
        let segments = SMSSegments(text).count
        let footer = hasFooter ? " with the footer of its account" : ""
        return
            "must have at most \(Self.mostCharacters) characters on sms, and has \(characters)\(footer): \(segments) segments"
    }
}

extension SMSText.Style {
    fileprivate func spelling(of text: String) -> String {
        self.transliterates ? Transliteration.gsm7(text) : text
    }

    /// What is to be added to a body; nil for nothing.
    fileprivate func missingFooter(of body: String) -> String? {
        guard let footer, !body.ends(with: footer), !body.ends(with: self.spelling(of: footer)) else { return nil }
        return footer
    }
}

extension String {
    /// Whether these are the last words, after a blank and whatever blanks follow: the end of a longer word is none of them.
    fileprivate func ends(with words: String) -> Bool {
        let (text, words) = (self.withoutBlanksAtTheEnd, words.withoutBlanksAtTheEnd)
        guard text.hasSuffix(words) else { return false }
        return text.dropLast(words.count).last?.isWhitespace ?? true
    }

    private var withoutBlanksAtTheEnd: Substring {
        guard let last = self.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return self[...last]
    }
}
