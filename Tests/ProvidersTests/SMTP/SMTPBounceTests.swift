import Shared
import Testing

@testable import Providers

/// Which refusals of a mail server mean that the address takes no mail for good.
@Suite(.timeLimit(.minutes(5)))
struct SMTPBounceTests {
    @Test(arguments: [
        ("RCPT", "550 5.1.1 no such user", true), ("RCPT", "553 5.1.2 no such host", true),
        ("RCPT", "550 5.1.3 what is that", true), ("RCPT", "551 5.1.6 moved", true),
        ("RCPT", "556 5.1.10 null MX", true),
        ("DATA", "550 5.1.1 no such user", true),
        // Rules, quotas and reputation say nothing about the address; a code of four digits is none.
        ("RCPT", "550 no such user", false), ("RCPT", "550 5.7.1 you are on a list", false),
        ("RCPT", "552 5.2.2 mailbox full", false), ("RCPT", "550 5.1.8 bad sender", false),
        ("RCPT", "550 5.1.11 who knows", false), ("RCPT", "450 4.1.1 try later", false),
        ("MAIL", "550 5.1.1 not you", false),
    ])
    func aRefusalIsAHardBounceOnlyWhereItSaysSo(command: String, reply: String, isHard: Bool) async throws {
        let server = try RawServer { connection in
            connection.write("220 hi\r\n")
            while let heard = connection.read() {
                let verb = String(decoding: heard.prefix(4), as: UTF8.self)
                let isContent = !["EHLO", "MAIL", "RCPT", "DATA", "QUIT"].contains(verb)
                if verb == command, command != "DATA" || isContent {
                    connection.write(reply + "\r\n")
                } else if verb == "DATA" {
                    connection.write(command == "DATA" ? reply + "\r\n" : "354 go\r\n")
                } else {
                    connection.write("250 fine\r\n")
                }
            }
            connection.end()
        }
        let provider = SMTPProvider(
            egress: EgressGuard(allow: ["127.0.0.0/8"].compactMap(CIDR.init)),
            caFile: nil,
            threads: 1
        )
        let message = OutboundMessage.sample(
            .smtp,
            .email,
            to: "ada@example.org",
            MessageContent(body: "Hello"),
            ["host": "127.0.0.1", "port": "\(server.port)", "tls": "none", "from": "shop@example.com"]
        )
        let outcome = await provider.send(message, before: .now + .seconds(10))
        #expect(outcome.error?.isHardBounce == (isHard ? true : nil), "\(outcome)")
    }
}

extension SendOutcome {
    fileprivate var error: ProviderError? {
        switch self {
        case .accepted: nil
        case .throttled(let error, _, _), .failedTransiently(let error, _), .rejected(let error),
            .accountBlocked(let error), .uncertain(let error):
            error
        }
    }
}
