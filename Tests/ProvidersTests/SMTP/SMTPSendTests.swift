import Foundation
import Shared
import TestSupport
import Testing

@testable import Providers

/// Against a real mail server.
@Suite(.timeLimit(.minutes(5)))
struct SMTPSendTests {
    private static let username = "herald"
    private static let password = "p w:\"é"

    private func credentials(_ server: SMTPServer, _ tls: String, _ changes: [String: String] = [:]) -> [String: String]
    {
        let login = tls == "none" ? [:] : ["username": Self.username, "password": Self.password]
        let rest = [
            "host": "127.0.0.1", "port": String(server.port(tls)), "tls": tls, "from": "shop@example.com",
            "from_name": "Café \"Ünion\"",
        ]
        return login.merging(rest) { $1 }.merging(changes) { $1 }
    }

    private func send(
        _ content: MessageContent = MessageContent(body: "Hello", subject: "Hi"),
        to address: String = "ada@example.org",
        with credentials: [String: String],
        caFile: String?,
        egress: EgressGuard = EgressGuard(allow: [CIDR("127.0.0.0/8")].compactMap(\.self)),
        within limit: Duration = .seconds(20)
    ) async -> SendOutcome {
        let provider = SMTPProvider(egress: egress, caFile: caFile, threads: 2)
        return await provider.send(.sample(.smtp, .email, to: address, content, credentials), before: .now + limit)
    }

    @Test func `text and HTML arrive with their headers, by each kind of security`() async throws {
        try await withSMTPServer { server in
            let subject = "Ваш заказ № 42 — готов к выдаче 😀 и ждёт вас до конца недели, a long one"
            let text = "Grüße 😀\n.\n..two\n.\r\nend \t\n" + String(repeating: "x", count: 2000) + "\n"
            let html = "<p>Grüße &amp; mehr 😀</p>\n.\n"
            for tls in ["none", "starttls", "implicit"] {
                let outcome = await self.send(
                    MessageContent(body: text, subject: subject, html: html),
                    with: self.credentials(server, tls),
                    caFile: server.certificate
                )
                let id = "<\(OutboundMessage.sampleMessageID)@example.com>"
                #expect(outcome == .accepted(providerMessageID: id), "\(tls)")
                let mail = try #require(try server.messages().last)
                #expect(mail["tls"]?.bool == (tls != "none"))
                #expect(mail["authenticated"]?.bool == (tls != "none"))
                #expect(mail["mail_from"]?.string == "shop@example.com")
                #expect(mail["rcpt_to"]?[0]?.string == "ada@example.org")
                self.expectHeaders(of: mail, subject: subject, messageID: id)
                #expect(mail["parts"]?.array?.count == 2)
                self.expect(mail["parts"]?[0], "text/plain", text)
                self.expect(mail["parts"]?[1], "text/html", html)
            }
            let messages = try server.messages()
            #expect(messages.count == 3)
        }
    }

    @Test func `attachments, the text of HTML and the headers of marketing arrive`() async throws {
        try await withSMTPServer { server in
            let long = String(repeating: "Очень длинное имя ", count: 10) + ".pdf"
            let bytes = Data((0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
            let url = "https://in.example.com/unsubscribe/" + String(repeating: "a", count: 300)
            let message = OutboundMessage.email(
                .smtp,
                MessageContent(
                    subject: "Sale",
                    html: "<h1>Sale</h1><p>50&nbsp;%</p>",
                    fromName: "Весна",
                    replyTo: "help@example.com"
                ),
                self.credentials(server, "none", ["reply_to": "other@example.com"]),
                attachments: [
                    AttachmentFile(filename: long, contentType: "application/pdf", content: bytes),
                    AttachmentFile(filename: "a \"b\".txt", contentType: "text/plain", content: Data("x\ny".utf8)),
                    AttachmentFile(filename: "none", contentType: "application/octet-stream", content: Data()),
                ],
                unsubscribeURL: url
            )
            let provider = SMTPProvider(
                egress: EgressGuard(allow: [CIDR("127.0.0.0/8")].compactMap(\.self)),
                caFile: nil,
                threads: 1
            )
            #expect(await provider.send(message, before: .now + .seconds(20)).summary == "accepted")
            let mail = try #require(try server.messages().last)
            #expect(mail["content_type"]?.string == "multipart/mixed")
            #expect(mail["defects"]?.array == [])
            let headers = (mail["headers"]?.array ?? []).map { [$0[0]?.string ?? "", $0[1]?.string ?? ""] }
            func value(_ name: String) -> String? { headers.first { $0[0] == name }?[1] }
            #expect(value("From") == "Весна <shop@example.com>")
            #expect(value("Reply-To") == "help@example.com")
            #expect(value("List-Unsubscribe") == "<\(url)>")
            #expect(value("List-Unsubscribe-Post") == "List-Unsubscribe=One-Click")
            let parts = mail["parts"]?.array ?? []
            #expect(
                parts.map { $0["type"]?.string } == [
                    "text/plain", "text/html", "application/pdf", "text/plain", "application/octet-stream",
                ]
            )
            #expect(parts.map { $0["filename"]?.string } == [nil, nil, long, "a \"b\".txt", "none"])
            #expect(parts[0]["text"]?.string?.split(whereSeparator: \.isNewline) == ["Sale", "50 %"])
            #expect(parts[2]["base64"]?.string == bytes.base64EncodedString())
            #expect(parts[3]["base64"]?.string == Data("x\ny".utf8).base64EncodedString())
            #expect(parts[4]["base64"]?.string == "")
        }
    }

    private func expectHeaders(of mail: JSONValue, subject: String, messageID: String) {
        let headers = (mail["headers"]?.array ?? []).map { [$0[0]?.string ?? "", $0[1]?.string ?? ""] }
        func values(_ name: String) -> [String] { headers.filter { $0[0].lowercased() == name }.map { $0[1] } }
        #expect(values("subject") == [subject])
        #expect(values("from") == ["\"Café \\\"Ünion\\\"\" <shop@example.com>"])
        #expect(values("to") == ["ada@example.org"])
        #expect(values("message-id") == [messageID])
        #expect(values("mime-version") == ["1.0"])
        #expect(values("date").count == 1)
        #expect(values("content-type").count == 1)
        #expect(values("x-herald-reference") == ["\(OutboundMessage.sampleMessageID).3"])
        #expect(mail["content_type"]?.string == "multipart/alternative")
        #expect(mail["defects"]?.array == [])
        #expect((mail["longest_line"]?.int ?? .max) <= 78)
    }

    private func expect(_ part: JSONValue?, _ type: String, _ text: String) {
        #expect(part?["type"]?.string == type)
        #expect(part?["charset"]?.string == "utf-8")
        let lines = text.replacing("\r\n", with: "\n")
        #expect(part?["text"]?.string?.replacing("\r\n", with: "\n") == lines)
    }

    /// What the recipient's name makes the server do, and how many messages it has got by then.
    static let refusals: [(to: String, outcome: String, received: Int)] = [
        ("rcpt-550@example.org", "rejected smtp-550", 0),
        ("rcpt-451@example.org", "transient smtp-451", 0),
        ("rcpt-530@example.org", "blocked smtp-530", 0),
        ("data-554@example.org", "rejected smtp-554", 1),
        ("data-452@example.org", "transient smtp-452", 1),
        ("cut-rcpt@example.org", "transient connection-lost", 0),
        ("hang-rcpt@example.org", "transient timeout", 0),
        ("cut-data@example.org", "uncertain connection-lost", 1),
        ("hang-data@example.org", "uncertain timeout", 1),
    ]

    @Test func `a refusal is definite, a lost answer to the message is not`() async throws {
        try await withSMTPServer { server in
            for (address, outcome, received) in Self.refusals {
                let before = try server.messages().count
                // Long for the dialog up to the command that hangs, however busy the machine is.
                let limit: Duration = address.hasPrefix("hang") ? .seconds(10) : .seconds(30)
                let found = await self.send(
                    to: address,
                    with: self.credentials(server, "starttls"),
                    caFile: server.certificate,
                    within: limit
                )
                #expect(found.summary == outcome, "\(address)")
                #expect(try server.messages().count - before == received, "\(address)")
            }
        }
    }

    @Test func `a login that is refused blocks the account, one that is busy does not`() async throws {
        try await withSMTPServer { server in
            for (username, outcome) in [("stranger", "blocked smtp-535"), ("busy", "transient smtp-454")] {
                for tls in ["starttls", "implicit"] {
                    let credentials = self.credentials(server, tls, ["username": username])
                    let found = await self.send(with: credentials, caFile: server.certificate)
                    #expect(found.summary == outcome, "\(username) \(tls)")
                }
            }
            let anonymous = self.credentials(server, "implicit").filter { $0.key != "username" && $0.key != "password" }
            #expect(await self.send(with: anonymous, caFile: server.certificate).summary == "blocked smtp-530")
            let messages = try server.messages()
            #expect(messages.isEmpty)
        }
    }

    @Test func `without the TLS that the account asks for, nothing is handed over`() async throws {
        try await withSMTPServer { server in
            for tls in ["starttls", "implicit"] {
                let credentials = self.credentials(server, tls)
                let stranger = await self.send(with: credentials, caFile: server.otherCertificate)
                #expect(stranger.summary == "transient tls-certificate")
                let renamed = await self.send(
                    with: credentials.merging(["host": "mail.test"]) { $1 },
                    caFile: server.certificate,
                    egress: self.everyNameIsHere
                )
                #expect(renamed.summary == "transient tls-certificate")
            }
            let plain = self.credentials(server, "starttls", ["port": String(server.port("none"))])
            #expect(await self.send(with: plain, caFile: server.certificate).summary == "transient tls-failed")
            let wrong = self.credentials(server, "implicit", ["port": String(server.port("none"))])
            #expect(await self.send(with: wrong, caFile: server.certificate).summary == "transient tls-failed")
            let messages = try server.messages()
            #expect(messages.isEmpty)
        }
    }

    /// Answers every name with this machine: only a connection to the checked address can succeed.
    private var everyNameIsHere: EgressGuard {
        EgressGuard(allow: [CIDR("127.0.0.0/8")].compactMap(\.self)) { _ throws(EgressGuard.Refusal) in
            [IPAddress("127.0.0.1")].compactMap(\.self)
        }
    }

    @Test func `the connection goes to the checked address, and to no proxy`() async throws {
        try await withSMTPServer { server in
            let outcome = await self.send(
                with: self.credentials(server, "none", ["host": "no-such-name.test"]),
                caFile: nil,
                egress: self.everyNameIsHere
            )
            #expect(outcome.summary == "accepted")
            let messages = try server.messages()
            #expect(messages.count == 1)
        }
    }

    @Test func `a second address is tried when the first refuses`() async throws {
        try await withSMTPServer { server in
            let egress = EgressGuard(allow: ["127.0.0.0/8", "::1"].compactMap(CIDR.init)) {
                _ throws(EgressGuard.Refusal) in
                ["::1", "127.0.0.1"].compactMap(IPAddress.init)
            }
            let credentials = self.credentials(server, "none", ["host": "two.test"])
            #expect(await self.send(with: credentials, caFile: nil, egress: egress).summary == "accepted")
        }
    }
}
