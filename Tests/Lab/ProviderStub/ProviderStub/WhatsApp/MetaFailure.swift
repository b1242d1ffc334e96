import Hummingbird

/// An error as Meta's Graph API answers it.
struct MetaFailure: Error {
    let status: Int
    let code: Int
    var subcode: Int?
    let message: String
    var details: String?

    static let unauthorized = MetaFailure(
        status: 401,
        code: 190,
        message: "Invalid OAuth access token - Cannot parse access token"
    )

    /// A parameter that is missing or wrong.
    static func parameter(_ message: String, details: String? = nil) -> MetaFailure {
        MetaFailure(status: 400, code: 100, message: "(#100) \(message)", details: details ?? message)
    }

    /// A path that names no phone number, or no file.
    static func unknownObject(_ id: String) -> MetaFailure {
        MetaFailure(
            status: 400,
            code: 100,
            subcode: 33,
            message: "Unsupported post request. Object with ID '\(id)' does not exist, cannot be loaded due to missing "
                + "permissions, or does not support this operation"
        )
    }

    var response: Response {
        var error = JSONObject()
        error.set("message", self.message)
        error.set("type", "OAuthException")
        error.set("code", self.code)
        if let subcode = self.subcode { error.set("error_subcode", subcode) }
        if let details = self.details {
            var data = JSONObject()
            data.set("messaging_product", "whatsapp")
            data.set("details", details)
            error.set("error_data", raw: data.finish())
        }
        error.set("fbtrace_id", "A" + RandomText.hex(bytes: 11))
        var body = JSONObject()
        body.set("error", raw: error.finish())
        return .json(self.status, body.finish())
    }
}

/// Meta's answers to what a behaviour asks for.
struct MetaErrors: ProviderErrors {
    func failure(status: Int, code: Int, message: String) -> Response {
        MetaFailure(status: status, code: code, message: "(#\(code)) \(message)", details: message).response
    }

    var throttled: (code: Int, message: String) { (130429, "Rate limit hit") }
    var unavailable: (code: Int, message: String) { (131016, "Service unavailable") }
}
