import Providers
import Shared

extension WebhookFailure: ProblemConvertible {
    package var problem: Problem {
        switch self {
        case .unknownAccount:
            Problem(code: "not-found", status: 404, title: "There is no such webhook.")
        case .signature(.notConfigured):
            Problem(
                code: "webhook-secret-missing",
                status: 503,
                title: "This account has no secret to verify webhooks with; set it in the account's credentials."
            )
        // One answer for all of them: a forger learns nothing from the difference.
        case .signature(.missing), .signature(.malformed), .signature(.mismatch), .signature(.expired):
            Problem(code: "signature-invalid", status: 401, title: "The webhook's signature is missing or wrong.")
        case .foreignNumber:
            Problem(
                code: "number-forbidden",
                status: 403,
                title: "The webhook names a number whose account has another secret than the one it is signed with."
            )
        case .challengeRefused:
            Problem(
                code: "challenge-refused",
                status: 403,
                title: "Send hub.mode=subscribe, the account's verify token as hub.verify_token, and a hub.challenge."
            )
        case .unreadable(let detail):
            Problem(code: "webhook-unreadable", status: 400, title: "The body is no webhook.", detail: detail)
        }
    }
}

extension FindWebhookAccount.Failure: ProblemConvertible {
    package var problem: Problem {
        switch self {
        case .messagingUnavailable: .unavailable
        }
    }
}
