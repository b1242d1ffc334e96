import Shared

/// What the steps of a verification came to.
struct AuditReport {
    private struct Part {
        let name: String
        var counts: [String: Int] = [:]
        var head: JSONValue = .null
    }

    private static let counts = ["seals", "lines", "redacted", "waiting"]

    private var parts: [Part] = []
    private(set) var findings: [JSONValue] = []

    mutating func add(_ step: JSONValue, of name: String) {
        if self.parts.last?.name != name { self.parts.append(Part(name: name)) }
        let last = self.parts.count - 1
        for count in Self.counts { self.parts[last].counts[count, default: 0] += step[count]?.int ?? 0 }
        self.parts[last].head = step["head"] ?? .null
        for finding in step["data"]?.array ?? [] {
            let members = (finding.object?.members ?? []).map { ($0.name, $0.value) }
            self.findings.append(.object(members: [("part", .string(name))] + members))
        }
    }

    var json: JSONValue {
        ["parts": .array(self.parts.map(self.json)), "data": .array(self.findings)]
    }

    var table: String {
        let parts = TextTable.text(VerifyAudit.parts, self.parts.map(self.json))
        guard !self.findings.isEmpty else { return parts + "\nThe trail is whole.\n" }
        return parts + "\n" + TextTable.text(VerifyAudit.findings, self.findings) + "\nThe trail is not whole.\n"
    }

    /// Where the chains end.
    var heads: AuditHeads {
        var heads: [(part: String, seal: String)] = []
        for part in self.parts {
            guard let number = part.head["number"]?.int, let hash = part.head["hash"]?.string else { continue }
            heads.append((part.name, "\(number):\(hash)"))
        }
        return AuditHeads(heads)
    }

    private func json(of part: Part) -> JSONValue {
        let counts = Self.counts.map { ($0, JSONValue.number(JSONNumber(part.counts[$0] ?? 0))) }
        let findings = self.findings.count { $0["part"]?.string == part.name }
        return .object(
            members: [("part", .string(part.name))] + counts
                + [("head", part.head), ("findings", .number(JSONNumber(findings)))]
        )
    }
}
