import Testing

@testable import MessagingService

@Suite struct TextTemplateTests {
    @Test(
        "A text is rendered",
        arguments: [
            ("Hello", "Hello"), ("", ""), ("Hi {{name}}!", "Hi Ann!"), ("{{name}}{{ name }}{{\tname }}", "AnnAnnAnn"),
            ("a{{! a comment with {{ braces }}b", "ab"), ("{{!}}x", "x"), ("{ {name} }", "{ {name} }"),
            ("a }} b", "a }} b"), ("{name}", "{name}"), ("{{ 1 }}", "one"), ("{{first name}}", "two words"),
            ("{{größe}}", "groß"), ("ü{{name}}👋🏽{{name}}", "üAnn👋🏽Ann"), ("{{order.id}}-{{a_b}}", "17-x"),
            // A value is never read again.
            ("{{braces}}", "{{name}}"), ("{{open}}name}}", "{{name}}"), ("{{FirstName}} {{Name}}", "Bob Ann"),
            // A mark after the braces belongs to the text.
            ("{{name}}\u{301}", "Ann\u{301}"), ("{{name}}\n\n{{name}}", "Ann\n\nAnn"),
        ]
    )
    func rendered(text: String, result: String) throws {
        let values = [
            "name": "Ann", "first_name": "Bob", "1": "one", "first name": "two words", "größe": "groß",
            "order.id": "17", "a_b": "x", "braces": "{{name}}", "open": "{{",
        ]
        let template = try TextTemplate(text)
        #expect(template.rendered(with: values, for: .text, atMost: 1000) == result)
    }

    @Test(
        "What could loop, include or go around the escaping is refused, and where",
        arguments: [
            ("a{{#name}}x{{/name}}", "no loops, at character 2"), ("{{^name}}x{{/name}}", "no loops, at character 1"),
            ("{{/name}}", "no loops"), ("{{>other}}", "includes another template"), ("{{<base}}", "includes"),
            ("{{$block}}", "includes"), ("{{>*name}}", "includes"), ("{{{name}}}", "without escaping"),
            ("{{&name}}", "without escaping"), ("{{=<% %>=}}", "instruction"),
            ("{{%CONTENT_TYPE:TEXT}}", "instruction"),
            ("{{name", "has {{ without }} at character 1"), ("ü👋{{name}", "has {{ without }} at character 3"),
            ("{{}}", "no name of a variable"), ("{{ }}", "no name"), ("{{.}}", "no name"), ("{{-a}}", "no name"),
            ("{{a{{b}}", "no name"), ("{{name|upper}}", "no name"), ("{{lower(name)}}", "no name"),
            ("{{a\nb}}", "no name"), ("{{\(String(repeating: "x", count: 101))}}", "no name"),
        ]
    )
    func refused(text: String, hint: String) {
        let fault = #expect(throws: TextTemplate.Fault.self) { try TextTemplate(text) }
        #expect(fault?.detail.contains(hint) == true, "\(fault?.detail ?? "")")
    }

    @Test func everyNameStandsOnceInItsOrder() throws {
        let template = try TextTemplate("{{b}} {{a}} {{b}} {{Name}} {{name}} {{! c }}")
        #expect(template.names == ["b", "a", "name"])
    }

    @Test(
        "A value can not leave its place",
        arguments: [
            (
                #"<script>alert("1")</script> & 'x' `y` a=b"#,
                "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;x&#39; &#96;y&#96; a&#61;b"
            ),
            ("&amp;", "&amp;amp;"), ("größe 👋", "größe 👋"), ("{{x}}", "{{x}}"),
        ]
    )
    func escaped(value: String, html: String) throws {
        let template = try TextTemplate("<p title=\"{{x}}\">{{x}}</p>")
        let rendered = template.rendered(with: ["x": value], for: .html, atMost: 1000)
        #expect(rendered == "<p title=\"\(html)\">\(html)</p>")
        #expect(try TextTemplate("{{x}}").rendered(with: ["x": value], for: .text, atMost: 1000) == value)
    }

    @Test(
        "A subject stays one line",
        arguments: [
            ("a\r\nBcc: eve@example.com", "a Bcc: eve@example.com"), ("\n\na\n", "a"),
            ("a\u{2028}b\u{85}c\u{0}d", "a b c d"),
            ("a b\tc", "a b c"), ("\r\n", ""),
        ]
    )
    func oneLine(value: String, line: String) throws {
        let rendered = try TextTemplate("S {{x}}").rendered(with: ["x": value], for: .line, atMost: 1000)
        #expect(rendered == "S \(line)")
    }

    @Test func itIsNeverLongerThanItMay() throws {
        let template = try TextTemplate("ü{{x}}")
        let values = ["x": String(repeating: "👋", count: 9)]
        #expect(template.rendered(with: values, for: .text, atMost: 10)?.unicodeScalars.count == 10)
        #expect(template.rendered(with: values, for: .text, atMost: 9) == nil)
        // 100 KB, thirty thousand times: three gigabytes that are not made.
        let many = try TextTemplate(String(repeating: "{{x}}", count: 30_000))
        let great = ["x": String(repeating: "x", count: 100_000)]
        #expect(many.rendered(with: great, for: .html, atMost: 200_000) == nil)
    }

    @Test func aTextHasAHundredVariables() throws {
        func text(_ count: Int) -> String { (0..<count).map { "{{v\($0)}}" }.joined() }
        #expect(try TextTemplate(text(100)).names.count == 100)
        #expect(throws: TextTemplate.Fault.self) { try TextTemplate(text(101)) }
    }
}
