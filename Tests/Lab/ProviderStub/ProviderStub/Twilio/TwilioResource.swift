import Foundation

/// A message as Twilio shows it, after creating it and in a list.
struct TwilioResource {
    static let apiVersion = "2010-04-01"

    let sid: String
    let accountSID: String
    let message: TwilioMessage
    let status: String
    let created: Date
    /// Nil until it was sent.
    var sent: Date?

    var json: String {
        let path = "/\(Self.apiVersion)/Accounts/\(self.accountSID)/Messages/\(self.sid)"
        let media = self.message.form.fields.count { $0.name == "MediaUrl" }
        let created = RFC2822.text(self.created)
        var object = JSONObject()
        object.set("account_sid", self.accountSID)
        object.set("api_version", Self.apiVersion)
        object.set("body", self.message.body)
        object.set("date_created", created)
        object.set("date_sent", self.sent.map(RFC2822.text))
        object.set("date_updated", created)
        object.set("direction", "outbound-api")
        object.set("error_code", raw: "null")
        object.set("error_message", raw: "null")
        object.set("from", self.message.from)
        object.set("messaging_service_sid", self.message.serviceSID)
        object.set("num_media", String(media))
        object.set("num_segments", self.message.segments)
        object.set("price", raw: "null")
        object.set("price_unit", "USD")
        object.set("sid", self.sid)
        object.set("status", self.status)
        object.set("subresource_uris", raw: "{\"media\":\"\(path)/Media.json\"}")
        object.set("to", self.message.to)
        object.set("uri", path + ".json")
        return object.finish()
    }
}
