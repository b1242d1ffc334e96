import Shared
import Testing

/// What an SMS says: its footer, its spelling, and its limit.
struct SMSTextTests {
    @Test(arguments: [
        ("Hello", "Hello"), ("‘Hi’ “there” „you“ ‚x‘", "'Hi' \"there\" \"you\" 'x'"), ("a–b—c‐d−e", "a-b-c-d-e"),
        ("Wait…", "Wait..."), ("a\u{A0}b\u{2009}c\td", "a b c d"), ("soft\u{AD}hyphen\u{200B}", "softhyphen"),
        // Accents that GSM-7 has stay, others go.
        ("Äpfel, Öl, Süße, é, à, ñ, å", "Äpfel, Öl, Süße, é, à, ñ, å"), ("ça va, garçon", "ca va, garcon"),
        ("José Muñoz, São Paulo", "José Muñoz, Sao Paulo"), ("Łódź, Gdańsk", "Lodz, Gdansk"),
        ("Đorđe, İstanbul, ığ", "Dorde, Istanbul, ig"), ("ÁÀÂÃ ÊË ÍÎ ÓÔÕ ÚÛ Ý", "AAAA EE II OOO UU Y"),
        ("œuvre, Œ, þing, ð", "oeuvre, OE, thing, d"), ("cafe\u{301} e\u{302}", "café e"), ("Việt Nam", "Viet Nam"),
        ("« oui »", "\" oui \""), ("5 × 3 • x™ ©", "5 x 3 * xTM (c)"), ("`code`", "'code'"), ("a\u{2028}b", "a\nb"),
        // All or nothing.
        ("“Hi” 😀", "“Hi” 😀"), ("Привет – мир", "Привет – мир"), ("價格…", "價格…"), ("Ελλάδα–", "Ελλάδα–"),
        ("👨‍👩‍👧 – x", "👨‍👩‍👧 – x"),
    ])
    func aTextIsSpeltInGSM7WhereItCanBe(text: String, spelling: String) throws {
        let style = SMSText.Style(transliterates: true)
        let made = try SMSText(text, category: .transactional, style: style)
        #expect(made.text.unicodeScalars.elementsEqual(spelling.unicodeScalars), "\(made.text)")
        #expect(made.segments == SMSSegments(spelling))
        // Nobody asked for it.
        let kept = try SMSText(text, category: .transactional, style: SMSText.Style())
        #expect(kept.text.unicodeScalars.elementsEqual(text.unicodeScalars))
    }

    @Test(
        arguments: [
            ("Sale!", "Reply STOP", .marketing, "Sale!\nReply STOP"), ("Sale!", "Reply STOP", .transactional, "Sale!"),
            ("1234", "Reply STOP", .otp, "1234"), ("Sale!", nil, .marketing, "Sale!"),
            ("Sale!\nReply STOP", "Reply STOP", .marketing, "Sale!\nReply STOP"),
            ("Sale! Reply STOP", "Reply STOP", .marketing, "Sale! Reply STOP"),
            ("Reply STOP", "Reply STOP", .marketing, "Reply STOP"),
            ("Sale! Reply STOP \n", "Reply STOP", .marketing, "Sale! Reply STOP \n"),
            ("Sale! Reply STOP", "Reply STOP ", .marketing, "Sale! Reply STOP"),
            ("Reply STOP or not", "Reply STOP", .marketing, "Reply STOP or not\nReply STOP"),
            ("Sale! reply stop", "Reply STOP", .marketing, "Sale! reply stop\nReply STOP"),
            ("Go nonstop", "stop", .marketing, "Go nonstop\nstop"),
            ("Go non-stop", "stop", .marketing, "Go non-stop\nstop"),
        ] as [(String, String?, Category, String)]
    )
    func theFooterStandsThereOnce(body: String, footer: String?, category: Category, text: String) throws {
        let style = SMSText.Style(footer: footer)
        let made = try SMSText(body, category: category, style: style)
        #expect(made.text == text)
        #expect(made.segments == SMSSegments(text))
        #expect(try SMSText(made.text, category: category, style: style) == made)
    }

    /// An edit makes the text of what was stored, in which the footer has its other spelling already.
    @Test(arguments: [("Sale…", "Sale...\n'STOP' - now"), ("Sale 😀", "Sale 😀\n‘STOP’ – now")])
    func aSpeltFooterIsKnownAgain(body: String, text: String) throws {
        let style = SMSText.Style(footer: "‘STOP’ – now", transliterates: true)
        let made = try SMSText(body, category: .marketing, style: style)
        #expect(made.text == text)
        #expect(try SMSText(made.text, category: .marketing, style: style) == made)
    }

    @Test(arguments: [
        (150, 9, 1), (150, 10, 2), (295, 10, 2), (296, 10, 3), (1589, 10, 11),
    ])
    func theFooterIsCounted(body: Int, footer: Int, segments: Int) throws {
        let style = SMSText.Style(footer: String(repeating: "f", count: footer))
        let made = try SMSText(
            String(repeating: "b ", count: body / 2) + (body % 2 == 1 ? "b" : ""),
            category: .marketing,
            style: style
        )
        #expect(made.text.utf16.count == body + 1 + footer)
        #expect(made.segments.count == segments)
    }

    @Test(
        arguments: [
            ("x", 1600, nil), ("x", 1601, "has 1601: 11 segments"), ("я", 1601, "has 1601: 24 segments"),
            ("😀", 800, nil), ("😀", 801, "has 1602: 25 segments"), ("x", 5000, "has 5000: 33 segments"),
        ] as [(String, Int, String?)]
    )
    func whatIsTooLongIsRefusedWithItsCounts(part: String, count: Int, reason: String?) {
        let text = String(repeating: part, count: count)
        let style = SMSText.Style()
        guard let reason else {
            #expect(throws: Never.self) { try SMSText(text, category: .otp, style: style) }
            return
        }
        let failure = #expect(throws: SMSText.TooLong.self) { try SMSText(text, category: .otp, style: style) }
        #expect(failure?.reason == "must have at most 1600 characters on sms, and \(reason)")
    }

    @Test func theFooterCanBeTooMuch() {
        let style = SMSText.Style(footer: "Reply STOP")
        let text = String(repeating: "x", count: 1595)
        let failure = #expect(throws: SMSText.TooLong.self) { try SMSText(text, category: .marketing, style: style) }
        #expect(failure?.reason.contains("has 1606 with the footer of its account: 11 segments") == true)
        #expect(throws: Never.self) { try SMSText(text, category: .transactional, style: style) }
    }
}
