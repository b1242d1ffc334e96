import Hummingbird

/// An error as Twilio answers it.
struct TwilioFailure: Error {
    let status: Int
    let code: Int
    let message: String

    static let unauthorized = TwilioFailure(status: 401, code: 20003, message: "Authenticate")

    /// A parameter that is missing or wrong.
    static func parameter(_ code: Int, _ message: String) -> TwilioFailure {
        TwilioFailure(status: 400, code: code, message: message)
    }

    var response: Response {
        var body = JSONObject()
        body.set("code", self.code)
        body.set("message", self.message)
        body.set("more_info", "https://www.twilio.com/docs/errors/\(self.code)")
        body.set("status", self.status)
        return .json(self.status, body.finish())
    }
}

/// Twilio's answers to what a behaviour asks for.
struct TwilioErrors: ProviderErrors {
    func failure(status: Int, code: Int, message: String) -> Response {
        TwilioFailure(status: status, code: code, message: message).response
    }

    var throttled: (code: Int, message: String) { (20429, "Too Many Requests") }
    var unavailable: (code: Int, message: String) { (20500, "Internal Server Error") }
}
