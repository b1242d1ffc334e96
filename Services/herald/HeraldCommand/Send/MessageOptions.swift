import ArgumentParser
import Shared

/// The parts of a message on the command line.
struct MessageOptions: ParsableArguments {
    @Option(help: .init("A number with +, an email address, or what the channel has.", valueName: "address"))
    var to: String

    @OptionGroup var content: ContentOptions

    @Option(
        name: .customLong("attach"),
        help: .init("A file to go with an email. May be repeated.", valueName: "file")
    )
    var attachments: [String] = []

    @OptionGroup var retry: RetryOptions

    /// As `POST /messages` takes it, with the files read.
    func json() throws(CommandFailure) -> JSONValue {
        var body: JSONObject = ["to": .string(self.to)]
        for member in try self.content.object.members { body[member.name] = member.value }
        if !self.attachments.isEmpty {
            body["attachments"] = .array(try self.attachments.map(AttachedFile.read))
        }
        for member in self.retry.members { body[member.name] = member.value }
        return .object(body)
    }
}
