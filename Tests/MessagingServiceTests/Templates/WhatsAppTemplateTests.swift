import Shared
import Testing

@testable import MessagingService

/// A template of Meta's: what is declared of it, what fills it, and what Meta then gets.
@Suite struct WhatsAppTemplateTests {
    private static let body = #"{"type":"BODY","text":"Hello {{1}}, order {{2}}."}"#
    private static func buttons(_ buttons: String...) -> String {
        #"{"type":"BUTTONS","buttons":[\#(buttons.joined(separator: ","))]}"#
    }
    private static let link = #"{"type":"URL","text":"Track","url":"https://example.com/{{1}}"}"#
    private static let reply = #"{"type":"QUICK_REPLY","text":"Yes"}"#
    private static let code = #"{"type":"COPY_CODE","example":"X"}"#

    @Test(
        "What is declared becomes names, in the order of the components",
        arguments: [
            ([#"{"type":"BODY","text":"Hello"}"#], []), ([body], ["1", "2"]),
            ([#"{"type":"body","text":"Hello {{first_name}}","example":{}}"#], ["first_name"]),
            ([#"{"type":"HEADER","format":"TEXT","text":"Order {{1}}"}"#, body], ["header", "1", "2"]),
            (
                [
                    #"{"type":"HEADER","format":"TEXT","text":"{{sale}}"}"#,
                    #"{"type":"BODY","text":"{{sale}} {{day}}"}"#,
                ],
                ["sale", "day"]
            ),
            ([#"{"type":"HEADER","format":"IMAGE","example":{"header_handle":["x"]}}"#, body], ["header", "1", "2"]),
            ([#"{"type":"HEADER","format":"LOCATION"}"#, body], ["1", "2"]),
            ([body, #"{"type":"FOOTER","text":"Bye"}"#], ["1", "2"]),
            ([body, buttons(reply, link, code)], ["1", "2", "button.1", "button.2"]),
            ([body, buttons(#"{"type":"URL","text":"T","url":"https://example.com"}"#)], ["1", "2"]),
            ([body, buttons(#"{"type":"OTP","otp_type":"COPY_CODE"}"#)], ["1", "2", "button.0"]),
            ([body, buttons(#"{"type":"PHONE_NUMBER","text":"Call","phone_number":"+1"}"#)], ["1", "2"]),
        ] as [([String], [String])]
    )
    func names(components: [String], names: [String]) throws {
        #expect(try self.template(components).names == names)
    }

    @Test(
        "What is no template of Meta's is named",
        arguments: [
            (#"{"components":[\#(body)]}"#, "/name"), (#"{"name":"Order","components":[\#(body)]}"#, "/name"),
            (#"{"name":"o"}"#, "/components"), (#"{"name":"o","components":[]}"#, "/components"),
            (named(#"{"type":"FOOTER","text":"F"}"#), "/components"), (named(#"{"text":"F"}"#), "/components/0/type"),
            (named(#"{"type":"CAROUSEL"}"#), "/components/0/type"), (named(body, body), "/components/1"),
            (named(#"{"type":"BODY"}"#), "/components/0/text"),
            (named(#"{"type":"BODY","text":"\#(String(repeating: "x", count: 1025))"}"#), "/components/0/text"),
            (named(#"{"type":"BODY","text":"{{#a}}"}"#), "/components/0/text"),
            (named(#"{"type":"BODY","text":"{{1}} {{3}}"}"#), "/components"),
            (named(#"{"type":"BODY","text":"{{1}} {{name}}"}"#), "/components"),
            (named(#"{"type":"HEADER","format":"TEXT","text":"{{1}} {{2}}"}"#, body), "/components/0/text"),
            (
                named(#"{"type":"HEADER","format":"TEXT","text":"\#(String(repeating: "x", count: 61))"}"#, body),
                "/components/0/text"
            ),
            (named(#"{"type":"HEADER","format":"AUDIO"}"#, body), "/components/0/format"),
            (named(body, #"{"type":"FOOTER","text":"{{1}}"}"#), "/components/1/text"),
            (named(body, #"{"type":"BUTTONS"}"#), "/components/1/buttons"),
            (named(body, buttons()), "/components/1/buttons"),
            (named(body, buttons(Array(repeating: reply, count: 11).joined(separator: ","))), "/components/1/buttons"),
            (named(body, buttons(link, link, link)), "/components/1/buttons"),
            (named(body, buttons(code, code)), "/components/1/buttons"),
            (named(body, buttons(#"{"type":"DANCE"}"#)), "/components/1/buttons/0/type"),
            (
                named(body, buttons(#"{"type":"URL","text":"T","url":"https://{{1}}/a"}"#)),
                "/components/1/buttons/0/url"
            ),
            (
                named(body, buttons(#"{"type":"QUICK_REPLY","text":"\#(String(repeating: "x", count: 26))"}"#)),
                "/components/1/buttons/0/text"
            ),
            (#"{"name":"o","components":[\#(body)],"header":1}"#, "/header"),
        ]
    )
    func violations(json: String, pointer: String) throws {
        var fields = JSONFields(try JSONValue(parsing: #"{"whatsapp":\#(json)}"#), at: "")
        _ = TemplateContent(&fields, of: .whatsapp)
        let pointers = fields.violations.map(\.pointer)
        #expect(pointers.contains("/whatsapp\(pointer)"), "\(pointers)")
    }

    @Test func metaGetsTheComponentsOfTheParameters() throws {
        let header = #"{"type":"HEADER","format":"DOCUMENT"}"#
        let template = try self.template([header, Self.body, Self.buttons(Self.reply, Self.link, Self.code)])
        let values = [
            "header": "https://example.com/a.pdf", "1": "Ann", "2": "17", "button.0": "yes-17", "button.1": "t/17",
            "button.2": "SAVE20",
        ]
        let expected = """
            [{"type":"header","parameters":[{"type":"document","document":{"link":"https://example.com/a.pdf"}}]},\
            {"type":"body","parameters":[{"type":"text","text":"Ann"},{"type":"text","text":"17"}]},\
            {"type":"button","sub_type":"quick_reply","index":"0","parameters":[{"type":"payload","payload":"yes-17"}]},\
            {"type":"button","sub_type":"url","index":"1","parameters":[{"type":"text","text":"t/17"}]},\
            {"type":"button","sub_type":"copy_code","index":"2",\
            "parameters":[{"type":"coupon_code","coupon_code":"SAVE20"}]}]
            """
        let made = JSONValue.array(try template.components(with: values).get())
        #expect(made.text == expected)
        // What is made would be taken if a message gave it.
        #expect(template.violations(of: made) == [])
    }

    @Test func namedVariablesGoByName() throws {
        let template = try self.template([
            #"{"type":"HEADER","format":"TEXT","text":"{{sale}}!"}"#, #"{"type":"BODY","text":"{{day}}, {{sale}}"}"#,
        ])
        let made = JSONValue.array(try template.components(with: ["sale": "Spring", "day": "Monday"]).get())
        let expected = """
            [{"type":"header","parameters":[{"type":"text","parameter_name":"sale","text":"Spring"}]},\
            {"type":"body","parameters":[{"type":"text","parameter_name":"day","text":"Monday"},\
            {"type":"text","parameter_name":"sale","text":"Spring"}]}]
            """
        #expect(made.text == expected)
    }

    @Test(
        "A value that Meta would refuse is named",
        arguments: [
            ("1", "", "parameters/1"), ("1", "a\nb", "parameters/1"), ("1", "a\tb", "parameters/1"),
            ("1", "a     b", "parameters/1"), ("1", String(repeating: "x", count: 1025), "parameters"),
            ("header", "http://example.com/a.png", "parameters/header"),
            ("header", "https://example.com/\(String(repeating: "x", count: 1981))", "parameters/header"),
            ("button.0", String(repeating: "x", count: 1981), "parameters/button.0"),
            ("button.1", String(repeating: "x", count: 21), "parameters/button.1"),
        ]
    )
    func values(name: String, value: String, field: String) throws {
        let header = #"{"type":"HEADER","format":"IMAGE"}"#
        let template = try self.template([header, Self.body, Self.buttons(Self.link, Self.code)])
        var values = [
            "header": "https://example.com/a.png", "1": "Ann", "2": "17", "button.0": "17", "button.1": "SAVE20",
        ]
        #expect(throws: Never.self) { try template.components(with: values).get() }
        values[name] = value
        let error = #expect(throws: ContentRules.Violations.self) { try template.components(with: values).get() }
        #expect(error?.all.map(\.field) == [field])
    }

    @Test func aHeaderStaysShort() throws {
        let template = try self.template([#"{"type":"HEADER","format":"TEXT","text":"Order {{1}}"}"#, Self.body])
        func fields(_ count: Int) -> [String] {
            let values = ["header": String(repeating: "x", count: count), "1": "a", "2": "b"]
            guard case .failure(let error) = template.components(with: values) else { return [] }
            return error.all.map(\.field)
        }
        #expect(fields(54) == [])
        #expect(fields(55) == ["parameters/header"])
    }

    @Test(
        "Components that a message gives fit what is declared",
        arguments: [
            (
                #"[{"type":"header","parameters":[{"type":"image","image":{"link":"https://a.b"}}]},\#(two),\#(track)]"#,
                []
            ),
            (#"[{"type":"HEADER","parameters":[{"type":"image","image":{"id":"1"}}]},\#(two),\#(track)]"#, []),
            (#"[\#(two),\#(track)]"#, ["components"]), (#"[]"#, ["components", "components", "components"]),
            (
                #"[\#(head),\#(track),{"type":"body","parameters":[{"type":"text","text":"a"}]}]"#,
                ["components/2/parameters"]
            ),
            (
                #"[\#(head),\#(track),{"type":"body","parameters":[{"type":"text","text":""},{"type":"text"}]}]"#,
                ["components/2/parameters/0/text", "components/2/parameters/1/text"]
            ),
            (
                #"[\#(two),\#(track),{"type":"header","parameters":[{"type":"video","video":{}}]}]"#,
                ["components/2/parameters/0/type"]
            ),
            (
                #"[\#(two),\#(track),{"type":"header","parameters":[{"type":"image"}]}]"#,
                ["components/2/parameters/0/image"]
            ),
            (#"[\#(head),\#(two),\#(track),\#(two)]"#, ["components/3"]),
            (#"[\#(head),\#(two),\#(track),{"type":"footer"}]"#, ["components/3/type"]),
            (
                #"[\#(head),\#(two),\#(track.replacing("url", with: "flow"))]"#,
                ["components/2/sub_type"]
            ),
            (
                #"[\#(head),\#(two),\#(track),{"type":"button","sub_type":"url","index":7,"parameters":[]}]"#,
                ["components/3/index"]
            ),
        ] as [(String, [String])]
    )
    func given(json: String, fields: [String]) throws {
        let template = try self.template([
            #"{"type":"HEADER","format":"IMAGE"}"#, Self.body, Self.buttons(Self.link),
        ])
        #expect(template.violations(of: try JSONValue(parsing: json)).map(\.field) == fields)
    }

    private static let head = #"{"type":"header","parameters":[{"type":"image","image":{"link":"https://a.b"}}]}"#
    private static let two =
        #"{"type":"body","parameters":[{"type":"text","text":"a"},{"type":"currency","currency":{}}]}"#
    private static let track =
        #"{"type":"button","sub_type":"url","index":"0","parameters":[{"type":"text","text":"17"}]}"#

    private static func named(_ components: String...) -> String {
        #"{"name":"o","components":[\#(components.joined(separator: ","))]}"#
    }

    private func template(_ components: [String]) throws -> WhatsAppTemplate {
        let json = #"{"name":"order","language":"en","components":[\#(components.joined(separator: ","))]}"#
        var fields = JSONFields(try JSONValue(parsing: json), at: "")
        let template = WhatsAppTemplate(&fields)
        try fields.finish()
        return template
    }
}
