import ArgumentParser
import Shared

/// What a broadcast says, and when.
struct BroadcastOptions: ParsableArguments {
    @Option(help: .init("What you call it.", valueName: "text"))
    var name: String

    @OptionGroup var content: ContentOptions

    @Option(
        name: .customLong("attach"),
        help: .init("A file to go with each email. May be repeated.", valueName: "file")
    )
    var attachments: [String] = []

    @Option(help: .init("Make so many messages at once.", valueName: "count"))
    var batchSize: Int?

    @Option(help: .init("Make them so long after each other.", valueName: "seconds"))
    var batchInterval: Int?

    func validate() throws {
        guard (self.batchSize == nil) == (self.batchInterval == nil) else {
            throw ValidationError("--batch-size and --batch-interval go together.")
        }
    }

    /// As `POST /broadcasts` takes it, without recipients.
    var object: JSONObject {
        get throws(CommandFailure) {
            var body: JSONObject = ["name": .string(self.name)]
            for member in try self.content.object.members { body[member.name] = member.value }
            if !self.attachments.isEmpty {
                body["attachments"] = .array(try self.attachments.map(AttachedFile.read))
            }
            body["batch_size"] = self.batchSize.map { .number(JSONNumber($0)) }
            body["batch_interval_seconds"] = self.batchInterval.map { .number(JSONNumber($0)) }
            return body
        }
    }
}
