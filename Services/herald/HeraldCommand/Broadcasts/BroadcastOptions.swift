import ArgumentParser
import Shared

/// What a broadcast says, and when.
struct BroadcastOptions: ParsableArguments {
    @Option(help: .init("What you call it.", valueName: "text"))
    var name: String

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

    @Option(help: .init("A template's code, instead of a text.", valueName: "code"))
    var template: String?

    @Option(help: .init("The template's language.", valueName: "code"))
    var language: String?

    @Option(
        name: .customLong("parameter"),
        help: .init("A word of the template, for all. May be repeated.", valueName: "name=value")
    )
    var parameters: [NamedValue] = []

    @Option(help: "marketing, unless it is transactional.")
    var category: Category?

    @Option(name: .customLong("at"), help: .init("Begin at this time: ISO 8601 with a zone.", valueName: "time"))
    var scheduledAt: String?

    @Option(name: .customLong("expires"), help: .init("Do not send after this time.", valueName: "time"))
    var expiresAt: String?

    @Option(help: .init("Your own id for all its messages.", valueName: "text"))
    var reference: String?

    @Option(help: .init("Make so many messages at once.", valueName: "count"))
    var batchSize: Int?

    @Option(help: .init("Make them so long after each other.", valueName: "seconds"))
    var batchInterval: Int?

    func validate() throws {
        guard self.template != nil || (self.language == nil && self.parameters.isEmpty) else {
            throw ValidationError("--language and --parameter need --template.")
        }
        guard self.body != nil || self.html != nil || self.template != nil else {
            throw ValidationError("Give the broadcast a --body or a --template.")
        }
        guard (self.batchSize == nil) == (self.batchInterval == nil) else {
            throw ValidationError("--batch-size and --batch-interval go together.")
        }
    }

    /// As `POST /broadcasts` takes it, without recipients.
    var object: JSONObject {
        get throws(CommandFailure) {
            var body: JSONObject = ["name": .string(self.name), "channel": .string(self.channel.rawValue)]
            let texts: [(String, String?)] = [
                ("account_id", self.account), ("body", self.body), ("subject", self.subject), ("html", self.html),
                ("category", self.category?.rawValue), ("scheduled_at", self.scheduledAt),
                ("expires_at", self.expiresAt), ("reference", self.reference),
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
            body["batch_size"] = self.batchSize.map { .number(JSONNumber($0)) }
            body["batch_interval_seconds"] = self.batchInterval.map { .number(JSONNumber($0)) }
            return body
        }
    }
}
