package import Shared

/// A seal that somebody outside the database noted: what is before it can not have been replaced since.
package struct KnownSeal: Sendable, Equatable {
    package let number: Int
    /// 64 hexadecimal digits.
    package let hash: String

    package init(number: Int, hash: String) {
        self.number = number
        self.hash = hash
    }

    /// Reads `<number>:<hash>`; nil for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let number = Int(parts[0]), number > 0, String(number) == parts[0],
            parts[1].utf8.count == 2 * HashedParts.length,
            parts[1].utf8.allSatisfy({ hexadecimalValue(of: $0) != nil })
        else { return nil }
        self.init(number: number, hash: parts[1].lowercased())
    }

    package var text: String { "\(self.number):\(self.hash)" }
}

/// One bounded step of a verification: what was looked at, and where it goes on.
package struct VerificationStep: Sendable {
    package var findings: [AuditFinding] = []
    package var seals = 0
    package var lines = 0
    /// Lines whose detail was erased.
    package var redacted = 0
    /// Lines that no seal has yet, at the end of the last step.
    package var waiting = 0
    /// The last seal that was looked at; nil before the first.
    package var head: KnownSeal?
    /// The number after which the next step begins; nil after the last one.
    package var next: Int?

    package init() {}

    package var json: JSONValue {
        [
            "data": .array(self.findings.map(\.json)), "seals": .number(JSONNumber(self.seals)),
            "lines": .number(JSONNumber(self.lines)), "redacted": .number(JSONNumber(self.redacted)),
            "waiting": .number(JSONNumber(self.waiting)),
            "head": self.head.map { ["number": .number(JSONNumber($0.number)), "hash": .string($0.hash)] } ?? .null,
            "next": self.next.map { .number(JSONNumber($0)) } ?? .null,
        ]
    }
}
