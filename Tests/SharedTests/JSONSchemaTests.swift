import Shared
import TestSupport
import Testing

/// The judge of the public document's answers is itself judged.
@Suite struct JSONSchemaTests {
    private static let root: JSONValue = [
        "components": [
            "schemas": [
                "Id": ["type": "string", "format": "uuid"],
                "Named": [
                    "type": "object", "required": ["name"], "properties": ["name": ["type": "string", "maxLength": 3]],
                ],
            ]
        ]
    ]
    private static let id = "01990c5e-7b1a-7000-8000-0242ac120002"

    private static let cases: [(schema: JSONValue, value: JSONValue, fits: Bool)] = [
        (["type": "integer"], 1, true), (["type": "integer"], "1", false), (["type": ["string", "null"]], nil, true),
        (["enum": ["a", "b"]], "b", true), (["enum": ["a", "b"]], "c", false), (["const": true], false, false),
        (["$ref": "#/components/schemas/Id"], .string(Self.id), true),
        (["$ref": "#/components/schemas/Id"], "1", false),
        (["format": "date-time"], "2026-12-01T08:00:00Z", true), (["format": "date-time"], "yesterday", false),
        (["minimum": 1, "maximum": 2], 3, false), (["minLength": 2], "é", false), (["maxItems": 1], [1, 2], false),
        (["pattern": "^[a-z]+$"], "A", false), (["not": ["required": ["a"]]], ["a": 1], false),
        (["items": ["type": "string"]], ["a", 1], false), (["$ref": "#/components/schemas/None"], 1, false),
        (["oneOf": [["type": "string"], ["type": "null"]]], 1, false), (["no_such_keyword": 1], 1, false),
        (["oneOf": [["type": "string"], ["minLength": 1]]], "fits both", false),
        (["type": "object", "additionalProperties": false, "properties": ["a": [:]]], ["b": 1], false),
        (["type": "object", "additionalProperties": ["type": "string"]], ["b": 1], false),
        (["$ref": "#/components/schemas/Named"], ["name": "Ann"], true),
        (["$ref": "#/components/schemas/Named"], [:], false),
        (["$ref": "#/components/schemas/Named"], ["name": "Anna"], false),
    ]

    @Test(arguments: Self.cases) func eachKeywordCounts(schema: JSONValue, value: JSONValue, fits: Bool) {
        let violations = JSONSchema(in: Self.root, isClosed: false).violations(of: value, against: schema)
        #expect(violations.isEmpty == fits, "\(schema.text) \(value.text): \(violations)")
    }

    @Test func whatIsNotDocumentedIsFoundWhereFieldsAreNamed() {
        let schema = JSONSchema(in: Self.root, isClosed: true)
        let named: JSONValue = ["$ref": "#/components/schemas/Named"]
        let more: JSONValue = ["allOf": [named, ["type": "object", "properties": ["age": ["type": "integer"]]]]]
        #expect(schema.violations(of: ["name": "Ann", "age": 1], against: named) == ["/age is not documented"])
        #expect(schema.violations(of: ["name": "Ann", "age": 1], against: more) == [])
        #expect(
            schema.violations(of: [["name": "Ann", "x": 1]], against: ["items": more]) == ["/0/x is not documented"]
        )
        #expect(schema.violations(of: ["anything": 1], against: ["type": "object"]) == [])
        let open: JSONValue = ["type": "object", "additionalProperties": true, "properties": ["age": [:]]]
        #expect(schema.violations(of: ["anything": 1], against: open) == [])
        #expect(schema.violations(of: ["name": "Ann", "x": 1], against: ["allOf": [named, ["type": "object"]]]) == [])
        let either: JSONValue = ["oneOf": [named, ["type": "object", "properties": ["age": ["type": "integer"]]]]]
        #expect(schema.violations(of: ["age": 1], against: either) == [])
    }

    @Test func theMostExactPathIsThatOfARequest() throws {
        let document = try APIDocument.ours.get()
        #expect(document.operation("POST", "/api/v1/messages/batch")?.path == "/api/v1/messages/batch")
        #expect(document.operation("GET", "/api/v1/messages/batch?x=/")?.path == "/api/v1/messages/{id}")
        #expect(document.operation("PUT", "/api/v1/messages") == nil)
    }
}
