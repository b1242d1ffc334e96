/// Answers and failures, counted by kind, with one example of each kind that is not as expected.
struct Outcomes: Sendable, Encodable {
    private(set) var statuses: [String: Int] = [:]
    private(set) var errors: [String: Int] = [:]
    private(set) var examples: [String: String] = [:]

    /// Counts an answer; `expected` needs no example.
    mutating func count(_ answer: LoadAnswer, expected: Int) {
        let kind = answer.problemCode.map { "\(answer.status) \($0)" } ?? "\(answer.status)"
        self.statuses[kind, default: 0] += 1
        if answer.status != expected, self.examples[kind] == nil { self.examples[kind] = answer.explanation }
    }

    /// Counts a request without an answer.
    mutating func count(_ failure: LoadFailure) {
        self.errors[failure.sentence, default: 0] += 1
    }

    mutating func add(_ other: Outcomes) {
        self.statuses.merge(other.statuses, uniquingKeysWith: +)
        self.errors.merge(other.errors, uniquingKeysWith: +)
        self.examples.merge(other.examples) { first, _ in first }
    }

    /// Of all kinds.
    var total: Int { self.statuses.values.reduce(0, +) + self.errors.values.reduce(0, +) }

    var isAsExpected: Bool { self.errors.isEmpty && self.examples.isEmpty }

    /// Rows of the table.
    var rows: [(String, String)] {
        let statuses = self.statuses.sorted { $0.key < $1.key }.map { status in
            ("status \(status.key)", "\(status.value)" + (self.examples[status.key].map { "  (\($0))" } ?? ""))
        }
        return statuses + self.errors.sorted { $0.key < $1.key }.map { ("no answer", "\($0.value)  (\($0.key))") }
    }
}
