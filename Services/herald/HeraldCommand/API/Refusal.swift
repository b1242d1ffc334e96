import Shared

/// A problem (RFC 9457) as the API answered it.
struct Refusal: Error, Equatable {
    let status: Int
    let title: String
    let code: String?
    var detail: String?
    var violations: [Problem.Violation] = []
    var retryAfter: String?
    var requestID: String?

    /// For a person: the title, then what is wrong, line by line.
    var text: String {
        let kind = self.code.map { "\(self.status) \($0)" } ?? "\(self.status)"
        var lines = ["herald: \(self.title) (\(kind))"]
        if let detail { lines.append("  \(detail)") }
        lines += self.violations.map { "  \($0.pointer): \($0.detail)" }
        if let retryAfter { lines.append("  Try again in \(retryAfter) s.") }
        if let requestID { lines.append("  Request id: \(requestID)") }
        return lines.map { PlainText.of($0) + "\n" }.joined()
    }
}

extension Refusal {
    /// Reads a problem; nil when the answer is none.
    init?(_ answer: APIAnswer) {
        guard let json = answer.json, let title = json["title"]?.string else { return nil }
        self.init(
            status: answer.status,
            title: title,
            code: json["code"]?.string,
            detail: json["detail"]?.string,
            violations: (json["violations"]?.array ?? []).map {
                Problem.Violation(pointer: $0["pointer"]?.string ?? "/", detail: $0["detail"]?.string ?? "is not valid")
            },
            retryAfter: answer.retryAfter,
            requestID: json["request_id"]?.string ?? answer.requestID
        )
    }
}
