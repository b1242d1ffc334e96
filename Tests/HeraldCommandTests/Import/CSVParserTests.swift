import Testing

@testable import HeraldCommand

struct CSVParserTests {
    private static func records(_ text: String, delimiter: Character = ",", part: Int = .max) -> [CSVRecord] {
        var records: [CSVRecord] = []
        var parser = CSVParser(delimiter: delimiter.asciiValue ?? 0)
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            parser.feed(rest.prefix(part)) { records.append($0) }
            rest = rest.dropFirst(part)
        }
        parser.finish { records.append($0) }
        return records
    }

    /// Whatever the parts are in which it comes, and whatever ends its lines.
    @Test(arguments: [
        ("a,b\n1,2\n", [["a", "b"], ["1", "2"]]), ("a,b\r\n1,2", [["a", "b"], ["1", "2"]]), ("a\rb\r", [["a"], ["b"]]),
        ("a,,\n,,b\n", [["a", "", ""], ["", "", "b"]]), ("\"a,b\",c\n", [["a,b", "c"]]),
        ("\"say \"\"hi\"\"\",2\n", [["say \"hi\"", "2"]]), ("\"one\ntwo\",x\n", [["one\ntwo", "x"]]),
        ("\"one\r\ntwo\"\r\nx\r\n", [["one\r\ntwo"], ["x"]]), ("\n\na\n\n\nb\n\n", [["a"], ["b"]]),
        ("\"\"\nx\n", [[""], ["x"]]), ("a,\"\"\n", [["a", ""]]), ("ä,€,😀\n", [["ä", "€", "😀"]]), ("", []),
        ("a,", [["a", ""]]), (" a , \"b\"\n", [[" a ", " \"b\""]]),
    ])
    func cellsAreReadAsTheyAreMeant(text: String, cells: [[String]]) throws {
        let whole = Self.records(text)
        for part in 1...5 { #expect(Self.records(text, part: part) == whole) }
        // A quotation mark after a space is one within a cell.
        guard cells != [[" a ", " \"b\""]] else {
            #expect(
                whole.map(\.content) == [.broken("has a quotation mark within a cell that does not begin with one")]
            )
            return
        }
        #expect(whole.map(\.content) == cells.map { .cells($0) })
    }

    @Test func aRecordIsAtItsFirstLine() {
        #expect(Self.records("h\n\"a\nb\nc\"\n\nd\r\ne").map(\.line) == [1, 2, 6, 7])
    }

    @Test(arguments: [
        ("a\"b,c\n1,2\n", "has a quotation mark within a cell that does not begin with one"),
        ("\"a\"b,c\n1,2\n", "has text after a closing quotation mark"),
    ])
    func whatIsNoCSVIsToldAndTheNextLineIsRead(text: String, reason: String) {
        #expect(Self.records(text).map(\.content) == [.broken(reason), .cells(["1", "2"])])
    }

    @Test func aQuotationMarkThatIsNeverClosedIsTold() {
        let records = Self.records("1,2\n\"a,b\n")
        #expect(records.map(\.content) == [.cells(["1", "2"]), .broken("has a quotation mark that is never closed")])
    }

    @Test func aQuotationMarkTooManySwallowsNoMoreThanARecordMayHave() {
        let line = String(repeating: "x", count: 1023) + "\n"
        let text = "\"" + String(repeating: line, count: 300)
        let records = Self.records(text)
        #expect(records.first?.content == .broken("has more than 256 KB: is there a quotation mark too many?"))
        #expect(records.count == 300 - 255)
        #expect(Self.records(String(repeating: "x", count: 256 * 1024)).map(\.line) == [1])
    }

    @Test func bytesThatAreNoTextAreTold() {
        var records: [CSVRecord] = []
        var parser = CSVParser(delimiter: UInt8(ascii: ","))
        parser.feed([0x61, 0xFF, 0x0A, 0x62, 0x0A]) { records.append($0) }
        #expect(records.map(\.content) == [.broken("is not UTF-8"), .cells(["b"])])
    }
}
