import Shared
import Testing

@testable import Providers

/// What never reaches a mail server.
@Suite(.timeLimit(.minutes(5)))
struct SMTPRefusalTests {
    private func send(
        _ content: MessageContent = MessageContent(body: "Hello"),
        to address: String = "ada@example.org",
        changing changes: [String: String] = [:],
        port: Int,
        allow: [String] = ["127.0.0.0/8"],
        within limit: Duration = .seconds(30)
    ) async -> SendOutcome {
        let credentials = ["host": "127.0.0.1", "port": String(port), "tls": "none", "from": "shop@example.com"]
        let provider = SMTPProvider(egress: EgressGuard(allow: allow.compactMap(CIDR.init)), caFile: nil, threads: 1)
        let message = OutboundMessage.sample(
            .smtp,
            .email,
            to: address,
            content,
            credentials.merging(changes) { $1 }
        )
        return await provider.send(message, before: .now + limit)
    }

    @Test func `a refused connection is a definite failure`() async throws {
        let port = try RawServer.closedPort()
        #expect(await self.send(port: port).summary == "transient connection-refused")
    }

    @Test func `an address that is not public is never connected to`() async throws {
        let server = try RawServer { $0.end() }
        for host in ["127.0.0.1", "localhost", "::1", "127.1", "2130706433"] {
            let outcome = await self.send(changing: ["host": host], port: server.port, allow: [])
            #expect(outcome.summary == "blocked address-not-allowed", "\(host)")
        }
        #expect(server.connectionCount == 0)
    }

    @Test func `a time that is over sends nothing`() async throws {
        let server = try RawServer { $0.end() }
        #expect(await self.send(port: server.port, within: .zero).summary == "transient deadline")
        #expect(server.connectionCount == 0)
    }

    /// What a server says before any message, and what the attempt is then.
    @Test(arguments: [
        ("", "transient connection-lost"),
        ("554 no service here\r\n", "blocked smtp-554"),
        ("421 busy\r\n", "transient smtp-421"),
        ("HTTP/1.1 400 Bad Request\r\n\r\n", "transient connection-lost"),
        (String(repeating: "a", count: 1 << 20), "transient connection-lost"),
    ])
    func `a greeting that is none ends the attempt`(_ greeting: String, _ outcome: String) async throws {
        let server = try RawServer { connection in
            connection.write(greeting)
            connection.end()
        }
        #expect(await self.send(port: server.port).summary == outcome)
    }

    @Test func `a server that never answers the goodbye holds nobody up`() async throws {
        let server = try RawServer { connection in
            for reply in ["220 hi", "250 hello", "250 from", "250 to", "354 go", "250 taken"] {
                connection.write(reply + "\r\n")
                var heard: [UInt8] = []
                while !heard.ends(with: "\r\n") || (reply == "354 go" && !heard.ends(with: "\r\n.\r\n")) {
                    guard let more = connection.read() else { break }
                    heard += more
                }
            }
            connection.waitForClose()
            connection.end()
        }
        // libcurl by itself waits two minutes for the answer, whatever time the attempt has.
        let limit: Duration = .seconds(60)
        let start = ContinuousClock.now
        #expect(await self.send(port: server.port, within: limit).summary == "accepted")
        #expect(ContinuousClock.now - start < limit)
    }

    @Test(arguments: [
        "a\r\nBcc: x@y.test", "a\nb", "a\rb", "a\0b", "a\u{2028}b", "a\u{2029}b", "a\u{85}b", "a\u{1b}[0m",
    ])
    func `nothing that ends a line gets into a header`(_ text: String) async {
        let subject = await self.send(MessageContent(body: "x", subject: text), port: 1)
        #expect(subject.summary == "rejected invalid-subject")
        #expect(await self.send(to: "\(text)@example.org", port: 1).summary == "rejected invalid-recipient")
        #expect(await self.send(changing: ["from_name": text], port: 1).summary == "blocked credentials-invalid")
        #expect(
            await self.send(changing: ["from": "\(text)@example.com"], port: 1).summary == "blocked credentials-invalid"
        )
        #expect(
            await self.send(changing: ["username": text, "password": "x"], port: 1).summary
                == "blocked credentials-invalid"
        )
    }

    @Test(arguments: [
        "", "a", "@b.test", "a@", "a@b@c.test", "a b@c.test", "<a@b.test>", "a@b.test>", "a,b@c.test", "\"a\"@b.test",
        "ä@b.test", "a@bä.test", "a@[127.0.0.1]", "a@b.test ", "Ada <a@b.test>",
    ])
    func `an address is one plain mailbox`(_ address: String) async {
        #expect(await self.send(to: address, port: 1).summary == "rejected invalid-recipient")
    }

    @Test(arguments: [
        ["host": ""], ["host": "a b"], ["port": "0"], ["port": "65536"], ["port": "x"], ["tls": "ssl"], ["from": "x"],
        ["username": "u"],
    ])
    func `credentials that can not be right block the account`(_ changes: [String: String]) async {
        #expect(await self.send(changing: changes, port: 1).summary == "blocked credentials-invalid")
    }

    @Test func `a mail without text is refused`() async {
        #expect(await self.send(MessageContent(subject: "x"), port: 1).summary == "rejected content-missing")
    }
}

extension [UInt8] {
    fileprivate func ends(with text: String) -> Bool { self.suffix(text.utf8.count).elementsEqual(text.utf8) }
}
