import ArgumentParser
import Shared

/// What a message or a broadcast says, through what, and when.
///
/// Texts are taken as they stand, so that one may begin with a hyphen.
struct ContentOptions: ParsableArguments {
    @Option(help: "Through which channel.")
    var channel: Channel

    @Option(help: .init("Through this account, instead of the channel's default one.", valueName: "id"))
    var account: String?

    @Option(parsing: .unconditional, help: .init("The text.", valueName: "text"))
    var body: String?

    @Option(parsing: .unconditional, help: .init("The subject of an email.", valueName: "text"))
    var subject: String?

    @Option(parsing: .unconditional, help: .init("An email's text as HTML.", valueName: "text"))
    var html: String?

    @Option(
        name: .customLong("from-name"),
        parsing: .unconditional,
        help: .init("An email's sender by name, instead of the account's.", valueName: "text")
    )
    var fromName: String?

    @Option(
        name: .customLong("reply-to"),
        help: .init("Where answers to an email go, instead of the account's.", valueName: "address")
    )
    var replyTo: String?

    @Option(help: .init("A template's code, instead of a text.", valueName: "code"))
    var template: String?

    @Option(help: .init("The template's language; en, or the only one, when left out.", valueName: "code"))
    var language: String?

    @Option(
        name: .customLong("parameter"),
        help: .init("A word of the template. May be repeated.", valueName: "name=value")
    )
    var parameters: [NamedValue] = []

    @Option(help: "otp goes first, marketing last; when left out, messages are transactional and broadcasts marketing.")
    var category: Category?

    @Option(name: .customLong("at"), help: .init("Send at this time: ISO 8601 with a zone.", valueName: "time"))
    var scheduledAt: String?

    @Option(name: .customLong("expires"), help: .init("Do not send after this time.", valueName: "time"))
    var expiresAt: String?

    @Option(help: .init("Your own id: shown, and found by messages list.", valueName: "text"))
    var reference: String?

    func validate() throws {
        guard self.template != nil || (self.language == nil && self.parameters.isEmpty) else {
            throw ValidationError("--language and --parameter need --template.")
        }
        guard self.body != nil || self.html != nil || self.template != nil else {
            throw ValidationError("Say something: --body, --html or --template.")
        }
    }

    /// The members of `POST /messages` and `POST /broadcasts` that both have.
    var object: JSONObject {
        get throws(CommandFailure) {
            var body: JSONObject = ["channel": .string(self.channel.rawValue)]
            let texts: [(String, String?)] = [
                ("account_id", self.account), ("body", self.body), ("subject", self.subject), ("html", self.html),
                ("from_name", self.fromName), ("reply_to", self.replyTo), ("category", self.category?.rawValue),
                ("scheduled_at", self.scheduledAt), ("expires_at", self.expiresAt), ("reference", self.reference),
            ]
            for (name, text) in texts { body[name] = text.map { .string($0) } }
            if let template {
                var object: JSONObject = ["code": .string(template)]
                object["language"] = self.language.map { .string($0) }
                if !self.parameters.isEmpty {
                    object["parameters"] = .object(try self.parameters.object(of: "--parameter"))
                }
                body["template"] = .object(object)
            }
            return body
        }
    }
}
