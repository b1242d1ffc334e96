import Shared
import Testing

@testable import MessagingService

/// Each limit of Meta's, at it and one over it.
@Suite struct InteractiveRulesTests {
    static let button = #"{"type":"button","body":{"text":"B"},"action":{"buttons":[\#(reply("a", "Yes"))]}}"#
    static let list =
        #"{"type":"list","body":{"text":"B"},"action":{"button":"Pick","sections":[{"rows":[\#(row("a"))]}]}}"#
    static let link =
        #"{"type":"cta_url","body":{"text":"B"},"action":{"name":"cta_url","parameters":"#
        + #"{"display_text":"Open","url":"https://example.com"}}}"#
    static let place = #"{"type":"location_request_message","body":{"text":"B"},"action":{"name":"send_location"}}"#

    @Test(
        "What Meta takes is taken",
        arguments: [
            button, list, link, place,
            button.replacing(#""body""#, with: #""footer":{"text":"F"},"header":{"type":"text","text":"H"},"body""#),
            button.replacing(
                #""body""#,
                with: #""header":{"type":"image","image":{"link":"https://example.com/a.png"}},"body""#
            ),
            button.replacing(
                #""body""#,
                with: #""header":{"type":"document","document":{"id":"17","filename":"a.pdf"}},"body""#
            ),
            link.replacing(#""body""#, with: #""header":{"type":"video","video":{"id":"17"}},"body""#),
            list.replacing(#""body""#, with: #""header":{"type":"text","text":"H"},"body""#),
            #"{"type":"product","body":{"text":"B"},"action":{"catalog_id":"1","product_retailer_id":"2"}}"#,
            #"{"type":"catalog_message","body":{"text":"B"},"action":{"name":"catalog_message"}}"#,
            #"{"type":"flow","body":{"text":"B"},"action":{"name":"flow","parameters":{"flow_id":"1"}}}"#,
        ]
    )
    func taken(json: String) throws {
        #expect(InteractiveRules.violations(of: try JSONValue(parsing: json)) == [])
    }

    /// A text's longest length, where it stands, and an object that has it.
    struct Limit: Sendable, CustomTestStringConvertible {
        let pointer: String
        let most: Int
        let object: @Sendable (String) -> String

        var testDescription: String { self.pointer }
    }

    private static let limits: [Limit] = [
        Limit(pointer: "/body/text", most: 1024) { button.replacing(#""text":"B""#, with: #""text":"\#($0)""#) },
        Limit(pointer: "/body/text", most: 4096) { list.replacing(#""text":"B""#, with: #""text":"\#($0)""#) },
        Limit(pointer: "/body/text", most: 1024) { link.replacing(#""text":"B""#, with: #""text":"\#($0)""#) },
        Limit(pointer: "/body/text", most: 1024) { place.replacing(#""text":"B""#, with: #""text":"\#($0)""#) },
        Limit(pointer: "/footer/text", most: 60) {
            button.replacing(#""body""#, with: #""footer":{"text":"\#($0)"},"body""#)
        },
        Limit(pointer: "/header/text", most: 60) {
            list.replacing(#""body""#, with: #""header":{"type":"text","text":"\#($0)"},"body""#)
        },
        Limit(pointer: "/action/buttons/0/reply/title", most: 20) {
            button.replacing(#""title":"Yes""#, with: #""title":"\#($0)""#)
        },
        Limit(pointer: "/action/buttons/0/reply/id", most: 256) {
            button.replacing(#""id":"a""#, with: #""id":"\#($0)""#)
        },
        Limit(pointer: "/action/button", most: 20) { list.replacing("Pick", with: $0) },
        Limit(pointer: "/action/sections/0/title", most: 24) {
            list.replacing(#"{"rows""#, with: #"{"title":"\#($0)","rows""#)
        },
        Limit(pointer: "/action/sections/0/rows/0/id", most: 200) {
            list.replacing(#""id":"a""#, with: #""id":"\#($0)""#)
        },
        Limit(pointer: "/action/sections/0/rows/0/title", most: 24) { list.replacing("Row", with: $0) },
        Limit(pointer: "/action/sections/0/rows/0/description", most: 72) {
            list.replacing(#""title":"Row""#, with: #""title":"Row","description":"\#($0)""#)
        },
        Limit(pointer: "/action/parameters/display_text", most: 20) { link.replacing("Open", with: $0) },
        Limit(pointer: "/action/parameters/url", most: 2000) {
            let rest = $0.dropFirst("https://example.com".count)
            return link.replacing("https://example.com", with: "https://example.com\(rest)")
        },
    ]

    @Test("A text has its longest length", arguments: limits)
    func lengths(limit: Limit) throws {
        func pointers(_ count: Int) throws -> [String] {
            let object = try JSONValue(parsing: limit.object(String(repeating: "x", count: count)))
            return InteractiveRules.violations(of: object).map(\.pointer)
        }
        #expect(try pointers(limit.most) == [])
        #expect(try pointers(limit.most + 1) == [limit.pointer])
    }

    @Test(arguments: [(10, true), (11, false)]) func anEmojiCountsAsProvidersCountIt(count: Int, isTaken: Bool) throws {
        let title = String(repeating: "👋", count: count)
        let object = try JSONValue(parsing: buttons(reply("a", title)))
        #expect(InteractiveRules.violations(of: object).isEmpty == isTaken)
    }

    @Test(
        "What Meta refuses is named",
        arguments: [
            ("[]", ""), ("{}", "/type"), (#"{"type":"poll"}"#, "/type"),
            (#"{"type":"button","action":{"buttons":[\#(reply("a", "Yes"))]}}"#, "/body"),
            (#"{"type":"button","body":{"text":""},"action":{"buttons":[\#(reply("a", "Yes"))]}}"#, "/body/text"),
            (#"{"type":"button","body":{"text":"B"}}"#, "/action"),
            (#"{"type":"button","body":{"text":"B"},"action":{"buttons":[]}}"#, "/action/buttons"),
            (buttons(reply("a", "A"), reply("b", "B"), reply("c", "C"), reply("d", "D")), "/action/buttons"),
            (buttons(reply("a", "A"), reply("a", "B")), "/action/buttons/1/reply/id"),
            (buttons(reply("a", "A"), reply("b", "A")), "/action/buttons/1/reply/title"),
            (buttons(reply(" a", "A")), "/action/buttons/0/reply/id"),
            (buttons(reply("a ", "A")), "/action/buttons/0/reply/id"),
            (buttons(#"{"type":"url","reply":{"id":"a","title":"A"}}"#), "/action/buttons/0/type"),
            (buttons(#"{"type":"reply"}"#), "/action/buttons/0/reply"),
            (button.replacing(#""body""#, with: #""header":{"type":"gif"},"body""#), "/header/type"),
            (
                button.replacing(#""body""#, with: #""header":{"type":"image","image":{}},"body""#),
                "/header/image"
            ),
            (
                button.replacing(#""body""#, with: #""header":{"type":"image","image":{"link":"http://a"}},"body""#),
                "/header/image/link"
            ),
            (
                list.replacing(#""body""#, with: #""header":{"type":"image","image":{"id":"1"}},"body""#),
                "/header/type"
            ),
            (place.replacing(#""body""#, with: #""header":{"type":"text","text":"H"},"body""#), "/header"),
            (button.replacing(#""body""#, with: #""foot":1,"body""#), "/foot"),
            (sections(section(rows(11))), "/action/sections/0/rows"), (sections(), "/action/sections"),
            (sections(section("[]")), "/action/sections/0/rows"),
            (sections(section(rows(5)), section(rows(5, from: 5))), "/action/sections/0/title"),
            (sections(titled("A", rows(6)), titled("B", rows(5, from: 6))), "/action/sections"),
            (sections(titled("A", rows(2)), titled("B", rows(2))), "/action/sections/1/rows/0/id"),
            (
                sections((0..<11).map { titled("S\($0)", rows(1, from: $0)) }.joined(separator: ",")),
                "/action/sections"
            ),
            (list.replacing(#""button":"Pick","#, with: ""), "/action/button"),
            (link.replacing(#""name":"cta_url""#, with: #""name":"open""#), "/action/name"),
            (link.replacing("https://example.com", with: "javascript:alert(1)"), "/action/parameters/url"),
            (link.replacing(#""display_text":"Open","#, with: ""), "/action/parameters/display_text"),
            (place.replacing("send_location", with: "cta_url"), "/action/name"),
            (#"{"type":"product","body":{"text":"B"}}"#, "/action"),
            (#"{"type":"flow","body":{"text":"\#(String(repeating: "x", count: 1025))"},"action":{}}"#, "/body/text"),
        ]
    )
    func refused(json: String, pointer: String) throws {
        let pointers = InteractiveRules.violations(of: try JSONValue(parsing: json)).map(\.pointer)
        #expect(pointers.contains(pointer), "\(pointers)")
    }

    @Test(
        "A message's media and what stands beside it",
        arguments: [
            (#""media":{"url":"https://a.b/c","kind":"image","caption":"C"}"#, nil),
            (#""media":{"url":"https://a.b/c","kind":"document","caption":"C"}"#, nil),
            (#""media":{"url":"https://a.b/c","kind":"audio"}"#, nil),
            (#""media":{"url":"https://a.b/c","kind":"sticker"}"#, nil),
            (#""media":{"url":"https://a.b/c","kind":"audio","caption":"C"}"#, "/media/caption"),
            (#""media":{"url":"https://a.b/c","kind":"sticker","caption":"C"}"#, "/media/caption"),
            (#""media":{"url":"https://a.b/c","kind":"gif"}"#, "/media/kind"),
            (#""media":{"url":"http://a.b/c","kind":"image"}"#, "/media/url"),
            (
                #""media":{"url":"https://a.b/c","kind":"image","caption":"\#(String(repeating: "x", count: 1025))"}"#,
                "/media/caption"
            ),
            (#""body":"B","media":{"url":"https://a.b/c","kind":"image"}"#, "/body"),
            (#""interactive":\#(button),"media":{"url":"https://a.b/c","kind":"image"}"#, "/interactive"),
            (#""template":{"code":"t"},"media":{"url":"https://a.b/c","kind":"image"}"#, "/media"),
            (#""interactive":\#(button)"#, nil),
            (#""interactive":{"type":"button"}"#, "/interactive/body"),
            (#""interactive":\#(buttons(reply("a", "A"), reply("a", "B")))"#, "/interactive/action/buttons/1/reply/id"),
        ] as [(String, String?)]
    )
    func messages(parts: String, pointer: String?) throws {
        for channel in ["whatsapp", "sandbox"] {
            let json = #"{"to":"+15550000001","channel":"\#(channel)",\#(parts)}"#
            var fields = JSONFields(try JSONValue(parsing: json), at: "")
            _ = NewMessage(&fields, now: .now, region: nil)
            let pointers = fields.violations.map(\.pointer)
            #expect(pointer.map { pointers.contains($0) } ?? pointers.isEmpty, "\(channel): \(pointers)")
        }
    }
}

private func reply(_ id: String, _ title: String) -> String {
    #"{"type":"reply","reply":{"id":"\#(id)","title":"\#(title)"}}"#
}

private func buttons(_ buttons: String...) -> String {
    #"{"type":"button","body":{"text":"B"},"action":{"buttons":[\#(buttons.joined(separator: ","))]}}"#
}

private func row(_ id: String) -> String { #"{"id":"\#(id)","title":"Row"}"# }

private func rows(_ count: Int, from first: Int = 0) -> String {
    "[\((first..<first + count).map { row("r\($0)") }.joined(separator: ","))]"
}

private func section(_ rows: String) -> String { #"{"rows":\#(rows)}"# }

private func titled(_ title: String, _ rows: String) -> String { #"{"title":"\#(title)","rows":\#(rows)}"# }

private func sections(_ sections: String...) -> String {
    #"{"type":"list","body":{"text":"B"},"action":{"button":"Pick","sections":[\#(sections.joined(separator: ","))]}}"#
}
