import Shared

/// Reads Twilio's answer to a send.
enum TwilioAnswer {
    static func outcome(of answer: ProviderAnswer) -> SendOutcome {
        let json = try? JSONValue(parsing: answer.body)
        if (200..<300).contains(answer.status) {
            guard let sid = json?["sid"]?.string, !sid.isEmpty else {
                return .uncertain(
                    ProviderError(
                        code: "answer-without-id",
                        detail: "Twilio answered \(answer.status) without a message sid.",
                        response: answer.text
                    )
                )
            }
            return .accepted(providerMessageID: sid)
        }
        guard let code = json?["code"]?.int else { return answer.outcomeWithoutCode }
        let verdict = TwilioErrorTable.verdict(code) ?? Self.unknownCode(status: answer.status)
        let detail = json?["message"]?.string ?? "Twilio gave no reason."
        return verdict.outcome(
            ProviderError(code: String(code), detail: detail, response: answer.text),
            retryAfter: answer.retryAfter
        )
    }

    private static func unknownCode(status: Int) -> ProviderVerdict {
        switch status {
        case 429: .throttled(.account, retryAfter: nil)
        case 500...: .transient
        default: .permanent
        }
    }
}
