import Hummingbird

/// An error as a receiver of webhooks may answer it: the status says everything.
struct WebhookFailure: Error {
    let status: Int
    let message: String

    static func unsigned(_ message: String) -> WebhookFailure { WebhookFailure(status: 401, message: message) }
    static func field(_ message: String) -> WebhookFailure { WebhookFailure(status: 422, message: message) }

    var response: Response {
        var body = JSONObject()
        body.set("error", self.message)
        return .json(self.status, body.finish())
    }
}

/// A receiver's answers to what a behaviour asks for.
struct WebhookErrors: ProviderErrors {
    func failure(status: Int, code: Int, message: String) -> Response {
        WebhookFailure(status: status, message: message).response
    }

    var throttled: (code: Int, message: String) { (0, "too many requests") }
    var unavailable: (code: Int, message: String) { (0, "service unavailable") }
}
