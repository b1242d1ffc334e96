import NIOHTTP1
import Shared

/// Reads SendGrid's answer to a send.
enum SendGridAnswer {
    static func outcome(of answer: ProviderAnswer, at now: Timestamp) -> SendOutcome {
        if (200..<300).contains(answer.status) { return Self.acceptance(answer) }
        // What has not the form of its errors comes from something in between.
        guard let errors = (try? JSONValue(parsing: answer.body))?["errors"]?.array, !errors.isEmpty else {
            return answer.outcomeWithoutCode
        }
        let error = ProviderError(
            code: "sendgrid-\(answer.status)",
            detail: errors.compactMap(Self.words).joined(separator: " "),
            response: answer.text
        )
        return SendGridErrorTable.verdict(answer.status, errors)
            .outcome(error, retryAfter: answer.retryAfter ?? Self.reset(of: answer, at: now))
    }

    /// Accepted is 202 alone: another success has not come from `mail/send`.
    private static func acceptance(_ answer: ProviderAnswer) -> SendOutcome {
        guard answer.status == 202, let id = answer.headers.first(name: "x-message-id"), !id.isEmpty else {
            return .uncertain(
                ProviderError(
                    code: "answer-without-id",
                    detail: "SendGrid answered \(answer.status) without a message id.",
                    response: answer.text
                )
            )
        }
        return .accepted(providerMessageID: id)
    }

    private static func words(_ error: JSONValue) -> String? {
        guard let message = error["message"]?.string else { return nil }
        return error["field"]?.string.map { "\($0): \(message)" } ?? message
    }

    /// The wait until the account's requests are counted anew: `X-RateLimit-Reset`, in seconds since 1970; at most a day.
    private static func reset(of answer: ProviderAnswer, at now: Timestamp) -> Duration? {
        guard answer.status == 429, let text = answer.headers.first(name: "x-ratelimit-reset"),
            let time = Timestamp(sinceEpoch: text)
        else { return nil }
        return min(max(time - now, .seconds(1)), .seconds(86_400))
    }
}
