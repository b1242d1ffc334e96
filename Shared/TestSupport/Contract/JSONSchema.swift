package import Shared

/// Checks JSON by the parts of JSON Schema 2020-12 that our document uses; what it does not know is a violation too.
package struct JSONSchema: Sendable {
    /// Where `$ref` leads.
    let root: JSONValue
    /// Whether a member that no `properties` names is a violation, where a schema names any: every field is documented.
    let isClosed: Bool

    package init(in root: JSONValue, isClosed: Bool) {
        self.root = root
        self.isClosed = isClosed
    }

    /// What one schema says of one value; several may speak of the same.
    struct Finding {
        var violations: [String] = []
        var named: Set<String> = []
        /// Whether members of any name are allowed.
        var isOpen = false

        mutating func add(_ other: Finding) {
            self.violations += other.violations
            self.named.formUnion(other.named)
            self.isOpen = self.isOpen || other.isOpen
        }
    }

    /// Returns what is wrong, each with the place of it.
    package func violations(of value: JSONValue, against schema: JSONValue, at place: String = "") -> [String] {
        let finding = self.finding(value, schema, place)
        guard self.isClosed, !finding.isOpen, !finding.named.isEmpty, let object = value.object else {
            return finding.violations
        }
        let unnamed = object.names.filter { !finding.named.contains($0) }
        return finding.violations + unnamed.map { "\(place)/\($0) is not documented" }
    }

    /// The node that a chain of `$ref` leads to; null where it leads nowhere.
    package func resolved(_ node: JSONValue) -> JSONValue {
        guard let reference = node["$ref"]?.string else { return node }
        let target = reference.dropFirst(2).split(separator: "/").reduce(self.root) { $0[String($1)] ?? .null }
        return self.resolved(target)
    }

    func finding(_ value: JSONValue, _ schema: JSONValue, _ place: String) -> Finding {
        guard let schema = schema.object else {
            return Finding(violations: ["\(place): the schema is no object"], isOpen: true)
        }
        var finding = Finding()
        for member in schema.members {
            finding.add(self.finding(value, keyword: member.name, member.value, place))
        }
        let says = Set(schema.names)
        let namesNothing = says.isDisjoint(with: ["$ref", "allOf", "anyOf", "oneOf", "properties"])
        if schema["additionalProperties"] == true || (namesNothing && schema["additionalProperties"] != false) {
            finding.isOpen = true
        }
        if schema["additionalProperties"] == false, says.contains("properties"), let object = value.object {
            let unnamed = object.names.filter { schema["properties"]?[$0] == nil }
            finding.violations += unnamed.map { "\(place)/\($0) is not allowed" }
        }
        if let others = schema["additionalProperties"], others.object != nil, let object = value.object {
            finding.isOpen = true
            for member in object.members where schema["properties"]?[member.name] == nil {
                finding.violations += self.violations(of: member.value, against: others, at: "\(place)/\(member.name)")
            }
        }
        return finding
    }

    private func finding(_ value: JSONValue, keyword: String, _ rule: JSONValue, _ place: String) -> Finding {
        switch keyword {
        case "$ref":
            let target = self.resolved(["$ref": rule])
            return self.finding(value, target, place)
        case "allOf":
            return (rule.array ?? []).reduce(into: Finding()) { $0.add(self.finding(value, $1, place)) }
        case "oneOf", "anyOf":
            return self.alternatives(value, rule.array ?? [], isExclusive: keyword == "oneOf", place)
        case "not":
            let finding = self.finding(value, rule, place)
            return Finding(violations: finding.violations.isEmpty ? ["\(place) is what it must not be"] : [])
        case "properties":
            return self.properties(value, rule.object ?? [:], place)
        case "items":
            let violations = (value.array ?? []).enumerated().flatMap {
                self.violations(of: $1, against: rule, at: "\(place)/\($0)")
            }
            return Finding(violations: violations)
        case "additionalProperties":
            return Finding()
        default:
            return Finding(
                violations: JSONSchemaRule.violation(of: value, keyword, rule).map { ["\(place) \($0)"] } ?? []
            )
        }
    }

    private func properties(_ value: JSONValue, _ properties: JSONObject, _ place: String) -> Finding {
        var finding = Finding(named: Set(properties.names))
        for property in properties.members {
            guard let member = value[property.name] else { continue }
            finding.violations += self.violations(
                of: member,
                against: property.value,
                at: "\(place)/\(property.name)"
            )
        }
        return finding
    }

    private func alternatives(
        _ value: JSONValue,
        _ schemas: [JSONValue],
        isExclusive: Bool,
        _ place: String
    ) -> Finding {
        let findings = schemas.map { self.finding(value, $0, place) }
        // An alternative with members that it does not name is none: it would hide those of the right one.
        let fitting = findings.filter { finding in
            finding.violations.isEmpty
                && (!self.isClosed || finding.isOpen || value.object?.names.allSatisfy(finding.named.contains) ?? true)
        }
        guard let first = fitting.first, fitting.count == 1 || !isExclusive else {
            let reasons = findings.map { $0.violations.first ?? "fits" }.joined(separator: "; ")
            return Finding(violations: ["\(place) fits \(fitting.count) of \(schemas.count) alternatives (\(reasons))"])
        }
        return first
    }
}
