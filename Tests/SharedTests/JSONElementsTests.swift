import Shared
import Testing

/// A long array is read element by element, and as strictly as everything else.
@Suite struct JSONElementsTests {
    private func read(_ text: String) throws -> (rest: JSONValue, elements: [JSONValue]) {
        var elements: [JSONValue] = []
        let rest = try JSONObject(parsing: Array(text.utf8), elementsOf: "list") { place, element in
            #expect(place == elements.count)
            elements.append(element)
        }
        return (.object(rest), elements)
    }

    @Test func elementsAreGivenAwayAndTheRestIsReturned() throws {
        let read = try self.read(#" {"a": 1, "list" : [ {"b": [2]} , "c", [] ], "d": {"list": [3]}} "#)
        #expect(read.rest == ["a": 1, "d": ["list": [3]]])
        #expect(read.elements == [["b": [2]], "c", []])
        #expect(try self.read("{}").rest == [:])
        #expect(try self.read(#"{"list": []}"#).elements == [])
        #expect(try self.read(#"{"list": 7}"#).rest == ["list": 7])
    }

    @Test(arguments: [
        "", "[]", "7", "{", #"{"list": ["#, #"{"list": [1"#, #"{"list": [1,]}"#, #"{"list": [1]} 2"#,
        #"{"list": [1] "a": 2}"#,
        #"{"list": [], "list": []}"#, #"{"list": [], "list": 1}"#, #"{"list": 1, "list": []}"#, #"{"a": 1, "a": 2}"#,
        #"{"list": [{"a": 1, "a": 2}]}"#, "{\"list\": [\"\u{0}\"]}", #"{"list": [], }"#,
        #"{"li\u0073t": [], "list": []}"#,
        #"{"list": [\#(String(repeating: "[", count: 40))]}"#, "\u{FEFF}{}",
    ])
    func whatOtherReadersWouldUnderstandDifferentlyIsRefused(text: String) {
        #expect(throws: JSONSyntaxError.self) { try self.read(text) }
    }

    @Test func theLimitOfValuesCountsForEachElement() throws {
        let element = "[\(Array(repeating: "1", count: 1000).joined(separator: ","))]"
        let many = Array(repeating: element, count: 300).joined(separator: ",")
        #expect(try self.read(#"{"list": [\#(many)]}"#).elements.count == 300)
        let long = Array(repeating: "1", count: Limits.jsonValues + 1).joined(separator: ",")
        #expect(throws: JSONSyntaxError.self) { try self.read(#"{"list": [[\#(long)]]}"#) }
    }

    @Test func whatTheReaderThrowsEndsTheReading() {
        struct Enough: Error {}
        #expect(throws: Enough.self) {
            _ = try JSONObject(parsing: Array(#"{"list": [1, 2]}"#.utf8), elementsOf: "list") { _, _ in throw Enough() }
        }
    }
}
