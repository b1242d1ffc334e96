import Shared
import Testing

@Suite struct JSONFieldsTests {
    private func violations(
        of text: String,
        at pointer: String = "",
        _ read: (inout JSONFields) -> Void
    ) throws -> [Problem.Violation] {
        var fields = JSONFields(try JSONValue(parsing: text), at: pointer)
        read(&fields)
        do {
            try fields.finish()
            return []
        } catch {
            #expect(error.code == "invalid-request")
            #expect(error.status == 422)
            return error.violations
        }
    }

    @Test func everyViolationIsNamedAtOnce() throws {
        let text = #"{"to":5,"kind":"fax","count":11,"when":"tomorrow","flag":"yes","customer_id":"7","is_admin":true}"#
        let violations = try self.violations(of: text) { fields in
            _ = fields.string("to", 1...320)
            _ = fields.oneOf("kind", Channel.self)
            _ = fields.int("count", 0...10)
            _ = fields.timestamp("when")
            _ = fields.bool("flag")
            _ = fields.id("customer_id", of: Customer.self)
            _ = fields.requiredString("name", 1...200)
        }
        #expect(
            violations == [
                .init(pointer: "/to", detail: "must be a string, not a number"),
                .init(
                    pointer: "/kind",
                    detail: "must be one of whatsapp, sms, email, push, inapp, webhook, sandbox"
                ),
                .init(pointer: "/count", detail: "must be an integer from 0 to 10"),
                .init(pointer: "/when", detail: "must be a time with a zone, like 2026-12-01T09:00:00+01:00"),
                .init(pointer: "/flag", detail: "must be true or false"),
                .init(pointer: "/customer_id", detail: "must be an id: a UUID of 36 characters"),
                .init(pointer: "/name", detail: "is required"),
                .init(pointer: "/is_admin", detail: "is not a field of this resource"),
            ]
        )
    }

    @Test func readsWhatIsThere() throws {
        func check<Value: Equatable>(_ value: Value, _ expected: Value) { #expect(value == expected) }
        let id = CustomerID.new()
        let value = try JSONValue(
            parsing: #"{"s":"é","k":"sms","i":3,"b":false,"c":"\#(id)","t":"2026-01-02T03:04:05Z","o":{"x":1},"a":[1]}"#
        )
        var fields = JSONFields(value, at: "")
        check(fields.requiredString("s", 1...1), "é")
        check(fields.requiredOneOf("k", Channel.self), .sms)
        check(fields.requiredInt("i", 0...3), 3)
        check(fields.bool("b"), false)
        check(fields.requiredID("c", of: Customer.self), id)
        check(fields.requiredTimestamp("t").description, "2026-01-02T03:04:05.000000Z")
        check(fields.requiredObject("o"), ["x": 1])
        check(fields.requiredArray("a", 1...1), [1])
        try fields.finish()
    }

    @Test func nullIsAbsentAndStillKnown() throws {
        let violations = try self.violations(of: #"{"a":null,"b":null}"#) { fields in
            let absent = fields.string("a", 1...2)
            #expect(absent == nil)
            _ = fields.requiredString("b", 1...2)
        }
        #expect(violations == [.init(pointer: "/b", detail: "is required")])
    }

    @Test func aPatchSeesNull() throws {
        var fields = JSONFields(["a": nil], at: "")
        let (a, b) = (fields.isPresent("a"), fields.isPresent("b"))
        #expect(a && !b)
        try fields.finish()
    }

    @Test(arguments: [
        ("ab", 3...4, false), ("abc", 3...4, true), ("éééé", 3...4, true), ("abcde", 3...4, false), ("", 0...4, true),
    ])
    func lengthsCountUnicodeScalars(text: String, length: ClosedRange<Int>, fits: Bool) throws {
        var fields = JSONFields(["a": .string(text)], at: "")
        let value = fields.string("a", length)
        #expect((value != nil) == fits)
    }

    @Test func somethingElseThanAnObjectIsOneViolation() throws {
        let violations = try self.violations(of: "[]") { fields in
            _ = fields.requiredString("name", 1...200)
        }
        #expect(violations == [.init(pointer: "", detail: "must be an object, not an array")])
    }

    @Test func nestedObjectsPointToTheirFields() throws {
        let text = #"{"retry":{"delays":["1","22222"],"x":1},"items":[{"n":1},{"n":"a"},7],"a/b~":1}"#
        let violations = try self.violations(of: text) { fields in
            _ = fields.nested("retry") { $0.strings("delays", 1...3, 1...4) }
            _ = fields.requiredEach("items", 1...3) { $0.requiredInt("n", 0...9) }
            _ = fields.requiredNested("missing") { $0.requiredString("s", 1...2) }
        }
        #expect(
            violations.map(\.pointer) == [
                "/retry/delays/1", "/retry/x", "/items/1/n", "/items/2", "/missing", "/a~1b~0",
            ]
        )
    }

    @Test func countsAndBytesAreLimited() throws {
        let violations = try self.violations(of: #"{"a":[1,2,3],"o":{"k":"12345"}}"#) { fields in
            _ = fields.array("a", 0...2)
            _ = fields.object("o", bytes: 12)
        }
        #expect(violations.map(\.detail) == ["must have at most 2 elements", "must have at most 12 bytes"])
    }

    @Test func anAnswerListsFiftyViolationsAtMost() throws {
        let names = (0..<1000).map { #""n\#($0)":0"# }.joined(separator: ",")
        let violations = try self.violations(of: "{\(names)}") { _ in }
        #expect(violations.count == 50)
    }

    @Test func anOwnComplaintStandsBesideTheOthers() throws {
        let violations = try self.violations(of: #"{"a":1}"#, at: "/messages/3") { fields in
            _ = fields.value("a")
            fields.violation(at: "to", "must be given")
            fields.violation(at: "", "must name a recipient")
        }
        #expect(violations.map(\.pointer) == ["/messages/3/to", "/messages/3"])
    }
}
