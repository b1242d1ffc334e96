import Shared

/// Reads Meta's answer to a send.
enum WhatsAppAnswer {
    static func outcome(of answer: ProviderAnswer) -> SendOutcome {
        let json = try? JSONValue(parsing: answer.body)
        if let error = json?["error"], error.object != nil {
            return Self.outcome(of: error, answer)
        }
        guard (200..<300).contains(answer.status) else { return answer.outcomeWithoutCode }
        guard let id = json?["messages"]?[0]?["id"]?.string, !id.isEmpty else {
            return .uncertain(
                ProviderError(
                    code: "answer-without-id",
                    detail: "WhatsApp answered \(answer.status) without a message id.",
                    response: answer.text
                )
            )
        }
        return .accepted(providerMessageID: id)
    }

    private static func outcome(of error: JSONValue, _ answer: ProviderAnswer) -> SendOutcome {
        guard let code = error["code"]?.int else { return answer.outcomeWithoutCode }
        let verdict = WhatsAppErrorTable.verdict(code) ?? Self.unknownCode(error, status: answer.status)
        let words = WhatsAppError(error)
        return verdict.outcome(
            ProviderError(code: String(code), detail: words.detail, response: answer.text),
            retryAfter: answer.retryAfter
        )
    }

    /// For a code that is not in the table: Meta's own hint, then the status.
    private static func unknownCode(_ error: JSONValue, status: Int) -> ProviderVerdict {
        if status == 429 { return .throttled(.account, retryAfter: nil) }
        if error["is_transient"]?.bool == true || status >= 500 { return .transient }
        return .permanent
    }
}

/// Meta's error object, the same in answers and in webhooks.
struct WhatsAppError {
    let code: Int?
    let detail: String

    init(_ error: JSONValue) {
        self.code = error["code"]?.int
        let title = error["message"]?.string ?? error["title"]?.string ?? "WhatsApp gave no reason."
        let details = error["error_data"]?["details"]?.string
        self.detail = [title, details].compactMap(\.self).joined(separator: ": ")
    }
}
