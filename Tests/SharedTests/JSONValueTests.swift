import Foundation
import Shared
import Testing

@Suite struct JSONValueTests {
    @Test(
        arguments: [
            ("1", 1), ("-1", -1), ("0", 0), ("1.0", 1), ("1.50e2", 150), ("1200e-2", 12), ("0.0", 0),
            ("9007199254740992", 9_007_199_254_740_992), ("9007199254740993", nil), ("-9007199254740993", nil),
            ("9007199254740992.1", nil), ("1.5", nil), ("1e300", nil), ("1e-1", nil), ("123456789012345678901", nil),
        ] as [(String, Int?)]
    )
    func aNumberIsAnIntegerOnlyWhenItIsExact(text: String, expected: Int?) throws {
        #expect(try JSONValue(parsing: text).int == expected)
    }

    @Test func encodingKeepsOrderDigitsAndSlashes() throws {
        let text = #"{"b":1.50,"a":["/","é\"\\\n",true,null],"c":{}}"#
        #expect(try JSONValue(parsing: text).text == text)
    }

    @Test func controlCharactersAreEscaped() {
        #expect(JSONValue.string("a\u{1}\u{1F}\u{7F}\r\t").text == #""a\u0001\u001f\u007f\r\t""#)
    }

    @Test func whatWeWriteWeRead() throws {
        let all = String(String.UnicodeScalarView((1...0x2FFF).compactMap(Unicode.Scalar.init)))
        #expect(try JSONValue(parsing: JSONValue.string(all).text) == .string(all))
    }

    @Test func theOrderOfMembersDoesNotCountForEquality() throws {
        #expect(try JSONValue(parsing: #"{"a":1,"b":2}"#) == JSONValue(parsing: #"{"b":2,"a":1}"#))
        #expect(try JSONValue(parsing: #"{"a":1,"b":2}"#) != JSONValue(parsing: #"{"a":2,"b":1}"#))
        #expect(try JSONValue(parsing: #"{"a":1}"#) != JSONValue(parsing: #"{"a":1,"b":2}"#))
    }

    @Test(
        arguments: [
            "null", "true", "0", "-12", "1.5", "123456789.123456789", "9007199254740993", #""a""#, "[]", "{}",
            #"{"a":[{"b":null}],"c":"1"}"#,
        ]
    )
    func otherEncodersAndDecodersKeepTheValue(text: String) throws {
        let value = try JSONValue(parsing: text)
        let carried = try InternalJSON.decode([JSONValue].self, from: InternalJSON.encode([value]))
        #expect(carried == [value])
    }

    @Test func subscriptsFindWhatIsThere() throws {
        let value = try JSONValue(parsing: #"{"a":[10,{"b":"c"}]}"#)
        #expect(value["a"]?[1]?["b"]?.string == "c")
        #expect(value["a"]?[2] == nil)
        #expect(value["x"] == nil)
        #expect(value[0] == nil)
    }

    @Test func membersAreReplacedAddedAndRemoved() {
        var object: JSONObject = ["a": 1, "b": 2]
        object["a"] = 3
        object["c"] = 4
        object["b"] = nil
        #expect(JSONValue.object(object).text == #"{"a":3,"c":4}"#)
    }
}
