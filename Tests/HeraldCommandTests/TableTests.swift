import Shared
import Testing

@testable import HeraldCommand

@Suite struct TableTests {
    @Test func `Columns are as wide as their widest cell, numbers stand right, lines end without spaces`() {
        let text = TextTable.text(
            [.init(title: "id"), .init(title: "count", alignment: .right), .init(title: "note")],
            [["a", "1", "x"], ["long id", "12345678", ""]]
        )
        #expect(text == "ID          COUNT  NOTE\na               1  x\nlong id  12345678\n")
    }

    @Test func `Later pages stand under the first`() {
        var table = TextTable([.init(title: "a"), .init(title: "b")])
        _ = table.heading(over: [["wide cell", "1"]])
        #expect(table.lines([["x", "y"]]) == "x          y\n")
    }

    @Test(
        "A value is shown on one line",
        arguments: [
            (#"null"#, ""), (#"true"#, "yes"), (#"false"#, "no"), (#"1.50"#, "1.50"), (#""a\nb""#, "a b"),
            (#"["a","b"]"#, "a, b"), (#"[]"#, ""), (#"{"a":{"b":1,"c":null},"d":"x"}"#, "a.b=1 d=x"),
            (#"[{"a":1}]"#, #"[{"a":1}]"#), (#""\u001b[31mred""#, "\u{FFFD}[31mred"), (#""a\u202eb""#, "a\u{FFFD}b"),
        ]
    )
    func values(json: String, text: String) throws {
        #expect(CellText.of(try JSONValue(parsing: json)) == text)
    }

    @Test func `A column reads members of members, and shows a dash for none`() throws {
        let resource = try JSONValue(
            parsing: #"{"error":{"code":"x"},"blocked":null,"at":"2026-11-21T10:00:00.123456Z"}"#
        )
        let columns: [ResourceColumn] = [
            .member("error.code"), .member("blocked.reason"), .member("nothing"), .time("at", title: "at"),
        ]
        #expect(columns.map { $0.cell(resource) } == ["x", "-", "-", "2026-11-21 10:00:00.123"])
    }

    @Test(
        "A duration is shown by its two greatest units",
        arguments: [
            (0, "0ms"), (999, "999ms"), (1000, "1.000s"), (59_042, "59.042s"), (200_000, "3m 20s"),
            (18_060_000, "5h 1m"), (183_600_000, "2d 3h"), (-1500, "-1.500s"),
        ]
    )
    func durations(milliseconds: Int, text: String) {
        #expect(ShortTime.of(.milliseconds(milliseconds)) == text)
    }

    @Test func `A timeline shows when, how long after the start, and why`() throws {
        let timeline = try JSONValue(
            parsing: """
                {"data":[
                  {"at":"2026-11-21T10:00:00.000000Z","type":"created","attempt":null,"state":"queued","detail":{"scheduled_at":null}},
                  {"at":"2026-11-21T10:00:01.250000Z","type":"attempt_ended","attempt":1,"state":"failed",
                   "detail":{"error":{"code":"30007","detail":"Filtered"}}}]}
                """
        )
        #expect(
            TimelineText.of(timeline) == """
                TIME (UTC)                AFTER  EVENT          ATTEMPT  STATUS  DETAIL
                2026-11-21 10:00:00.000     0ms  created              -  queued  -
                2026-11-21 10:00:01.250  1.250s  attempt_ended        1  failed  error.code=30007 error.detail=Filtered

                """
        )
    }
}
