/// What was said between libcurl and a mail server, as far as it decides about the outcome.
///
/// libcurl's own result does not tell a message that was refused from one whose acceptance got lost.
struct SMTPDialog: Sendable {
    struct Reply: Sendable, Equatable {
        let code: Int
        let text: String
    }

    /// The verb of the last command; nil before the first.
    private(set) var command: String?
    /// The answer to the last command, or the greeting.
    private(set) var reply: Reply?
    /// The first refusal of the login: libcurl may try another way after it.
    private(set) var loginRefusal: Reply?
    /// The server has asked for the message: from here on it may take it.
    private(set) var hasDataBegun = false
    /// The answer to the message itself.
    private(set) var finalReply: Reply?
    /// We have said goodbye; what the server says to that changes nothing.
    private(set) var isOver = false
    private var unfinishedLine: [UInt8] = []

    /// Nothing has been heard from the server.
    var isSilent: Bool { self.reply == nil && self.command == nil }

    /// A command that was sent; the lines of a login after `AUTH` come here too, and are not kept.
    mutating func sent(_ bytes: some Collection<UInt8>) {
        let verb = String(decoding: bytes.prefix { $0.isASCIILetter }, as: UTF8.self)
        let verbs: Set<String> = ["EHLO", "HELO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "NOOP", "QUIT"]
        guard verbs.contains(verb), !self.isOver else { return }
        self.isOver = verb == "QUIT"
        guard !self.isOver else { return }
        self.command = verb
        self.reply = nil
    }

    mutating func received(_ bytes: some Collection<UInt8>) {
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                self.received(line: self.unfinishedLine)
                self.unfinishedLine = []
            } else if self.unfinishedLine.count < 1000 {
                // RFC 5321 allows 512; the rest of a longer line is of no use to anybody.
                self.unfinishedLine.append(byte)
            }
        }
    }

    /// `250-` goes on, `250 ` and `250` end a reply.
    private mutating func received(line: [UInt8]) {
        guard !self.isOver, line.count >= 3, let code = Int(String(decoding: line.prefix(3), as: UTF8.self)),
            (200...599).contains(code) || code == 354, line.dropFirst(3).first != UInt8(ascii: "-")
        else { return }
        let printable = line.filter { (0x20...0x7E).contains($0) }
        let reply = Reply(code: code, text: String(decoding: printable, as: UTF8.self))
        if self.hasDataBegun {
            self.finalReply = self.finalReply ?? reply
        } else if self.command == "DATA", code == 354 {
            self.hasDataBegun = true
        } else {
            self.reply = reply
            if self.command == "AUTH", code >= 400 { self.loginRefusal = self.loginRefusal ?? reply }
        }
    }
}
