import Foundation
import NIOCore

/// Writes the JSON of messages, quickly: what is the same in all of them is encoded once.
struct MessageBody: Sendable {
    let channel: LoadChannel
    /// How many recipients take turns.
    let recipients: Int
    /// The number of the first of them.
    var firstRecipient = 0
    private let start: String
    private let text: String
    private let end: String

    /// - Parameters:
    ///   - channel: of all messages.
    ///   - recipients: how many different ones there are; 1 or more.
    ///   - text: the body, to which a message's number may be added.
    ///   - fields: further members, with their values in JSON.
    init(channel: LoadChannel, recipients: Int, text: String, fields: [(String, String)] = []) {
        self.channel = channel
        self.recipients = recipients
        self.text = Self.escaped(text)
        var end = "\""
        if channel == .email { end += ",\"subject\":\"load\"" }
        for (name, value) in fields { end += ",\"\(name)\":\(value)" }
        self.start = "{\"channel\":\"\(channel.rawValue)\",\"to\":\""
        self.end = end + "}"
    }

    /// The message of a number; `mark` stands behind its text.
    func json(_ number: Int, mark: String = "") -> String {
        self.start + self.channel.recipient(self.firstRecipient + number % self.recipients) + "\",\"body\":\""
            + self.text + mark + self.end
    }

    func buffer(_ number: Int, mark: String = "") -> ByteBuffer {
        ByteBuffer(string: self.json(number, mark: mark))
    }

    /// The inside of a JSON string.
    private static func escaped(_ text: String) -> String {
        let quoted = (try? JSONEncoder().encode(text)).map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
        return String(quoted.dropFirst().dropLast())
    }
}
