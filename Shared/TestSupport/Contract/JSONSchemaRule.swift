import Foundation
import Shared

/// The keywords of JSON Schema that look at one value alone.
enum JSONSchemaRule {
    private static let annotations: Set = [
        "title", "description", "default", "example", "examples", "writeOnly", "readOnly", "deprecated",
    ]

    /// Returns what is wrong with `value`, or nil.
    static func violation(of value: JSONValue, _ keyword: String, _ rule: JSONValue) -> String? {
        switch keyword {
        case "type":
            let types = rule.array?.compactMap(\.string) ?? [rule.string ?? ""]
            return types.contains { self.isOfType($0, value) } ? nil : "is \(value.kind), not \(types)"
        case "enum":
            return rule.array?.contains(value) == true ? nil : "is \(value.text), which is none of \(rule.text)"
        case "const":
            return rule == value ? nil : "is \(value.text), not \(rule.text)"
        case "required":
            guard let object = value.object else { return nil }
            let missing = (rule.array ?? []).compactMap(\.string).filter { object[$0] == nil }
            return missing.isEmpty ? nil : "lacks \(missing)"
        case "minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties", "minimum", "maximum":
            return self.bound(value, keyword, rule.double ?? .nan)
        case "pattern":
            guard let text = value.string, let pattern = try? Regex(rule.string ?? "") else { return nil }
            return text.firstMatch(of: pattern) == nil ? "does not match \(rule.text)" : nil
        case "format":
            guard let text = value.string else { return nil }
            return self.hasFormat(rule.string ?? "", text) ? nil : "is no \(rule.text): \(value.text)"
        default:
            return self.annotations.contains(keyword) ? nil : "has a schema with the unknown keyword \(keyword)"
        }
    }

    private static func isOfType(_ type: String, _ value: JSONValue) -> Bool {
        switch type {
        case "null": value.isNull
        case "boolean": value.bool != nil
        case "string": value.string != nil
        case "array": value.array != nil
        case "object": value.object != nil
        case "integer": value.int != nil
        case "number": value.double != nil
        default: false
        }
    }

    /// Of a value that has no such size there is nothing to say.
    private static func bound(_ value: JSONValue, _ keyword: String, _ bound: Double) -> String? {
        let size: Double? =
            switch keyword.suffix(5) {
            case "Items": value.array.map { Double($0.count) }
            case "ength": value.string.map { Double($0.unicodeScalars.count) }
            case "rties": value.object.map { Double($0.count) }
            default: value.double
            }
        guard let size else { return nil }
        let fits = keyword.hasPrefix("min") ? size >= bound : size <= bound
        return fits ? nil : "has \(size), against \(keyword) \(bound)"
    }

    private static func hasFormat(_ format: String, _ text: String) -> Bool {
        switch format {
        case "uuid": text.count == 36 && UUID(uuidString: text) != nil
        case "date-time": Timestamp(text) != nil
        case "uri": URL(string: text)?.scheme != nil
        default: false
        }
    }
}
