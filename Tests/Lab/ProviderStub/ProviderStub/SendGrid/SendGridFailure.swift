import Hummingbird

/// An error as SendGrid answers it.
struct SendGridFailure: Error {
    let status: Int
    let message: String
    var field: String?

    static let unauthorized = SendGridFailure(
        status: 401,
        message: "The provided authorization grant is invalid, expired, or revoked"
    )

    /// A field that is missing or wrong.
    static func field(_ field: String, _ message: String) -> SendGridFailure {
        SendGridFailure(status: 400, message: message, field: field)
    }

    var response: Response {
        var error = JSONObject()
        error.set("message", self.message)
        error.set("field", self.field)
        error.set("help", raw: "null")
        var body = JSONObject()
        body.set("errors", raw: "[" + error.finish() + "]")
        return .json(self.status, body.finish())
    }
}

/// SendGrid's answers to what a behaviour asks for; it has no error codes.
struct SendGridErrors: ProviderErrors {
    func failure(status: Int, code: Int, message: String) -> Response {
        SendGridFailure(status: status, message: message).response
    }

    var throttled: (code: Int, message: String) { (0, "too many requests") }
    var unavailable: (code: Int, message: String) { (0, "service unavailable") }
}
