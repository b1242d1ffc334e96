/// Texts that mean something to one of those who read them after us.
enum HostileText {
    /// Of which a field may keep every sign: they end no line.
    static let plain = [
        // Postgres, and whoever builds statements of strings.
        "'; DROP TABLE messages; --", #"" OR "1"="1"#, #"\'; SELECT pg_sleep(9); --"#, "$1 $$ :name ?", "%' OR '1'='1",
        "ARRAY['{}']::text[] {\"a\",NULL}", "(),\\.", "\\x00 \\000 E'\\\\'",
        // JSON, and templates.
        #"","status":"sent","x":""#, #"{"$gt":""}"#, "{{7*7}} {{secret}} {{{raw}}} {{#each a}}",
        "${7*7} #{7*7} <%= 7 %>",
        "%s%n%@ {0} \\(password)",
        // Browsers, spreadsheets, shells.
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "=HYPERLINK(\"http://evil.example\")",
        "@SUM(A1)",
        "+1|' /C calc'!A0", "`id` $(id) ; id | id && id", "../../../../etc/passwd", "..%2f..%2f%00",
        // Unicode: what looks alike is not the same, and is kept as it came.
        "e\u{301} \u{E9}", "\u{FB01} \u{FF21}dmin \u{430}dmin", "a\u{200B}b\u{FEFF}c", "👩‍👩‍👧‍👦", "\u{1F1E9}\u{1F1EA}",
        "İstanbul ıi ß ẞ ŉ", "\u{FFFD}\u{FFFF}\u{10FFFF}",
    ]

    /// Which end a line, or turn what is shown: where a field is one line they are refused.
    static let breaking = [
        "a\r\nBcc: eve@example.com", "a\nSet-Cookie: x=y", "a\rb", "x\n{\"level\":\"info\",\"message\":\"forged\"}",
        "\u{1B}[2J\u{1B}[31m", "a\u{85}b", "a\u{2028}b", "\u{7}",
    ]
}
