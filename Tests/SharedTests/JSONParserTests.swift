import Shared
import Testing

@Suite struct JSONParserTests {
    struct Refusal: Sendable, CustomTestStringConvertible {
        let bytes: [UInt8]
        let kind: JSONSyntaxError.Kind
        let offset: Int

        init(_ text: String, _ kind: JSONSyntaxError.Kind, at offset: Int) {
            self.init(Array(text.utf8), kind, at: offset)
        }

        init(_ bytes: [UInt8], _ kind: JSONSyntaxError.Kind, at offset: Int) {
            self.bytes = bytes
            self.kind = kind
            self.offset = offset
        }

        var testDescription: String { String(decoding: self.bytes.prefix(60), as: UTF8.self) }
    }

    static let refusals: [Refusal] = [
        .init("", .empty, at: 0),
        .init(" \n", .empty, at: 2),
        .init([0xEF, 0xBB, 0xBF, 0x31], .byteOrderMark, at: 0),
        .init(#"{"to":"a","to":"b"}"#, .duplicateName, at: 10),
        .init(#"{"to":"a","\u0074o":"b"}"#, .duplicateName, at: 10),
        .init(#"{"a":{"b":1,"b":2}}"#, .duplicateName, at: 12),
        .init(String(repeating: "[", count: 33) + String(repeating: "]", count: 33), .tooDeep, at: 32),
        .init(String(repeating: "[", count: 1_000_000), .tooDeep, at: 32),
        .init(String(repeating: #"{"a":"#, count: 33), .tooDeep, at: 160),
        .init("[1,]", .trailingComma, at: 2),
        .init(#"{"a":1,}"#, .trailingComma, at: 6),
        .init("[,1]", .unexpectedCharacter, at: 1),
        .init("[1 2]", .unexpectedCharacter, at: 3),
        .init("{1:2}", .unexpectedCharacter, at: 1),
        .init(#"{"a" 1}"#, .unexpectedCharacter, at: 5),
        .init("NaN", .unexpectedCharacter, at: 0),
        .init("Infinity", .unexpectedCharacter, at: 0),
        .init("-Infinity", .invalidNumber, at: 0),
        .init("nul", .unexpectedCharacter, at: 0),
        .init("True", .unexpectedCharacter, at: 0),
        .init("'a'", .unexpectedCharacter, at: 0),
        .init("// no\n1", .unexpectedCharacter, at: 0),
        .init("1 2", .secondValue, at: 2),
        .init("{} {}", .secondValue, at: 3),
        .init("truefalse", .secondValue, at: 4),
        .init("[1", .unexpectedEnd, at: 2),
        .init(#"{"a""#, .unexpectedEnd, at: 4),
        .init(#""abc"#, .unexpectedEnd, at: 4),
        .init(#""\"#, .unexpectedEnd, at: 2),
        .init(#""\u12"#, .unexpectedEnd, at: 5),
        .init([0x22, 0xFF, 0x22], .invalidUTF8, at: 0),
        .init([0x22, 0xC0, 0xAF, 0x22], .invalidUTF8, at: 0),
        .init([0x22, 0xED, 0xA0, 0x80, 0x22], .invalidUTF8, at: 0),
        .init([0x22, 0x5C, 0x6E, 0xE2, 0x82, 0x22], .invalidUTF8, at: 0),
        .init([0x22, 0x00, 0x22], .nul, at: 1),
        .init([0x22, 0x5C, 0x6E, 0x00, 0x22], .nul, at: 3),
        .init([0x00], .nul, at: 0),
        .init(#""a\u0000""#, .nul, at: 2),
        .init("\"a\nb\"", .controlCharacter, at: 2),
        .init(#""\ud83d""#, .loneSurrogate, at: 1),
        .init(#""\ude00""#, .loneSurrogate, at: 1),
        .init(#""\ud83d\u0041""#, .loneSurrogate, at: 1),
        .init(#""\ud83dx""#, .loneSurrogate, at: 1),
        .init(#""\x41""#, .invalidEscape, at: 1),
        .init(#""\u00g0""#, .invalidEscape, at: 1),
        .init("01", .invalidNumber, at: 0),
        .init("+1", .unexpectedCharacter, at: 0),
        .init("1.", .invalidNumber, at: 0),
        .init(".5", .unexpectedCharacter, at: 0),
        .init("1e", .invalidNumber, at: 0),
        .init("--1", .invalidNumber, at: 0),
        .init("1-1", .invalidNumber, at: 0),
        .init("-", .invalidNumber, at: 0),
        .init("1e400", .numberOutOfRange, at: 0),
        .init("[1e131071]", .numberOutOfRange, at: 1),
        .init("1e-131071", .numberOutOfRange, at: 0),
        .init("1e308", .numberOutOfRange, at: 0),
        .init("0e99999999999999999999", .numberOutOfRange, at: 0),
        .init("-0", .numberOutOfRange, at: 0),
        .init("-0.0e1", .numberOutOfRange, at: 0),
        .init(String(repeating: "9", count: 10_000), .numberOutOfRange, at: 0),
        .init(String(repeating: "1", count: 41), .numberOutOfRange, at: 0),
    ]

    @Test(arguments: refusals) func refuses(_ refusal: Refusal) throws {
        let error = try #require(throws: JSONSyntaxError.self) { try JSONValue(parsing: refusal.bytes) }
        #expect(error.kind == refusal.kind)
        #expect(error.offset == refusal.offset)
        #expect(error.description.contains("byte \(refusal.offset)"))
    }

    private static func number(_ text: String) -> JSONValue {
        JSONNumber(text).map { .number($0) } ?? .null
    }

    static let values: [(String, JSONValue)] = [
        ("null", .null), (" true ", true), ("false", false), ("[]", []), ("{}", [:]), (#""""#, ""),
        ("[1, -2,\t3.50]", [1, -2, Self.number("3.50")]),
        (#"{"a": {"b": [null]}}"#, ["a": ["b": [nil]]]),
        (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"),
        (#""\u00e9\ud83d\ude00é😀""#, "é😀é😀"),
        (#"{"":0}"#, ["": 0]),
        ("1e3", Self.number("1e3")), ("1E+03", Self.number("1E+03")),
        ("9.9e307", Self.number("9.9e307")),
    ]

    @Test(arguments: values) func reads(text: String, value: JSONValue) throws {
        #expect(try JSONValue(parsing: text) == value)
    }

    @Test func depth32IsAllowed() throws {
        let text = String(repeating: "[", count: 32) + String(repeating: "]", count: 32)
        #expect(try JSONValue(parsing: text).text == text)
    }

    @Test func aDuplicateAmongManyNamesIsFound() {
        let names = (0..<500).map { #""n\#($0)":0"# } + [#""n250":1"#]
        #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: "{\(names.joined(separator: ","))}") }
    }

    @Test func manyDistinctNamesAreRead() throws {
        let text = "{\((0..<500).map { #""n\#($0)":\#($0)"# }.joined(separator: ","))}"
        let value = try JSONValue(parsing: text)
        #expect(value["n499"]?.int == 499)
        #expect(value.text == text)
    }

    @Test(arguments: [
        (#""a\u0000b""#, "a\u{FFFD}b"), (#""\ud83d""#, "\u{FFFD}"), (#""\ud83d\u0041""#, "\u{FFFD}A"),
        (#""\ude00x""#, "\u{FFFD}x"), (#""\ud83d\ude00""#, "😀"), (#""\ud83d\ud83d\ude00""#, "\u{FFFD}😀"),
    ])
    func whatAThirdPartyPassesOnLosesOnlyWhatCanNotBeStored(json: String, text: String) throws {
        #expect(try JSONValue(parsing: Array(json.utf8), unstorable: .replaced) == .string(text))
    }
}
