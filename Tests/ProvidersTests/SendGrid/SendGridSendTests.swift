import Foundation
import ProviderStub
import Shared
import Testing

@testable import Providers

/// Against the stub, which checks requests as SendGrid does, and a bare server for the answers it does not give.
@Suite(.timeLimit(.minutes(5)))
struct SendGridSendTests {
    static let credentials = ["api_key": "SG.abc.secret", "from": "shop@example.com", "from_name": "Café \"Ünion\""]
    private static let letter = MessageContent(body: "Hello", subject: "Hi")

    private func send(
        _ content: MessageContent = Self.letter,
        to address: String = "ada@example.org",
        with credentials: [String: String] = Self.credentials,
        attachments: [AttachmentFile] = [],
        unsubscribeURL: String? = nil,
        at url: String,
        within limit: Duration = .seconds(20)
    ) async throws -> SendOutcome {
        let message = OutboundMessage.email(
            .sendgrid,
            to: address,
            content,
            credentials,
            attachments: attachments,
            unsubscribeURL: unsubscribeURL
        )
        return try await withClient { client in
            let provider = SendGridProvider(baseURL: url, exchange: ProviderExchange(client: client))
            return await provider.send(message, before: .now + limit)
        }
    }

    @Test func `a mail arrives once, with the exact fields`() async throws {
        let seen = RequestLog()
        let server = try RawServer { connection in
            seen.add(connection.readRequest())
            connection.write("HTTP/1.1 202 Accepted\r\nX-Message-Id: abc123\r\nContent-Length: 0\r\n\r\n")
            connection.end()
        }
        let content = MessageContent(
            body: "Grüße",
            subject: "Ваш заказ",
            html: "<p>Grüße</p>",
            replyTo: "help@example.com"
        )
        let outcome = try await self.send(content, at: server.url)
        #expect(outcome == .accepted(providerMessageID: "abc123"))
        let request = try #require(seen.requests.first)
        #expect(seen.requests.count == 1)
        #expect(request.hasPrefix("POST /v3/mail/send HTTP/1.1\r\n"))
        #expect(request.contains("authorization: Bearer SG.abc.secret\r\n"))
        #expect(request.contains("content-type: application/json\r\n"))
        let body = try JSONValue(parsing: Array((request.components(separatedBy: "\r\n\r\n").last ?? "").utf8))
        let expected: JSONValue = [
            "personalizations": [
                [
                    "to": [["email": "ada@example.org"]],
                    "custom_args": ["attempt_id": "01993c5e-0000-7000-8000-000000000001.3"],
                ]
            ],
            "from": ["email": "shop@example.com", "name": "Café \"Ünion\""], "subject": "Ваш заказ",
            "content": [
                ["type": "text/plain", "value": "Grüße"], ["type": "text/html", "value": "<p>Grüße</p>"],
            ],
            "reply_to": ["email": "help@example.com"],
        ]
        #expect(body == expected)
    }

    @Test func `the stub takes all that a mail can have`() async throws {
        let files = [
            AttachmentFile(filename: "Счёт.pdf", contentType: "application/pdf", content: Data([0, 255, 13, 10])),
            AttachmentFile(filename: "a.txt", contentType: "text/plain", content: Data("x".utf8)),
        ]
        try await withProviderStub { stub in
            let outcome = try await self.send(
                MessageContent(subject: "Sale", html: "<p>50&nbsp;%</p>", fromName: "Spring"),
                attachments: files,
                unsubscribeURL: "https://in.example.com/unsubscribe/abc",
                at: stub.url
            )
            #expect(outcome.summary == "accepted")
            let entry = try #require(stub.ledger.entries.first)
            #expect(entry.reference == "01993c5e-0000-7000-8000-000000000001.3")
            #expect(entry.account == "abc")
            #expect(entry.field("from", "name") == "Spring")
            // Made of the HTML.
            #expect(entry.field("content", "0", "type") == "text/plain")
            #expect(entry.field("content", "0", "value") == "50 %")
            #expect(entry.field("attachments", "0", "filename") == "Счёт.pdf")
            #expect(entry.field("attachments", "0", "content") == "AP8NCg==")
            #expect(entry.field("attachments", "1", "type") == "text/plain")
            #expect(entry.field("headers", "List-Unsubscribe") == "<https://in.example.com/unsubscribe/abc>")
            #expect(entry.field("headers", "List-Unsubscribe-Post") == "List-Unsubscribe=One-Click")
            #expect(entry.field("tracking_settings", "subscription_tracking", "enable") == "0")
        }
    }

    @Test(
        arguments: [
            (.reject(status: 400, code: 0, message: "x"), "rejected sendgrid-400", 0),
            (.reject(status: 401, code: 0, message: "x"), "blocked sendgrid-401", 0),
            (.reject(status: 403, code: 0, message: "x"), "blocked sendgrid-403", 0),
            (.reject(status: 413, code: 0, message: "x"), "rejected sendgrid-413", 0),
            (.serverError(status: 503), "transient sendgrid-503", 0),
            (.throttle(retryAfter: 11), "throttled account sendgrid-429 11s", 0),
            (.cut, "uncertain connection-lost", 0),
            (.acceptThenCut, "uncertain connection-lost", 1),
            (.garbage, "uncertain answer-without-id", 1),
            (.hang, "uncertain timeout", 0),
        ] as [(Behaviour, String, Int)]
    )
    func `each behaviour has its outcome`(_ behaviour: Behaviour, _ outcome: String, _ accepted: Int) async throws {
        try await withProviderStub { stub in
            stub.behaviours.set(BehaviourRule(behaviour))
            // Long for all that answer, however busy the machine is.
            let deadline: Duration = behaviour == .hang ? .seconds(5) : .seconds(30)
            let found = try await self.send(at: stub.url, within: deadline)
            #expect(found.summary == outcome)
            #expect(stub.ledger.entries.count == accepted)
        }
    }

    @Test(
        arguments: [
            ("400 Bad Request", "", #"{"errors":[{"message":"m","field":"from.email"}]}"#, "blocked sendgrid-400"),
            ("400 Bad Request", "", #"{"errors":[{"message":"m","field":"subject"}]}"#, "rejected sendgrid-400"),
            ("404 Not Found", "", #"{"errors":[{"message":"not found"}]}"#, "blocked sendgrid-404"),
            ("404 Not Found", "", "<html>", "transient http-404"),
            ("502 Bad Gateway", "", "", "transient http-502"),
            ("500 Oops", "", #"{"errors":[]}"#, "transient http-500"),
            ("429 Slow", "Retry-After: 3\r\n", "", "throttled account http-429 3s"),
            (
                "429 Slow", "X-RateLimit-Reset: 1\r\n", #"{"errors":[{"message":"m"}]}"#,
                "throttled account sendgrid-429 1s"
            ),
            ("202 Accepted", "", "", "uncertain answer-without-id"),
            ("200 OK", "X-Message-Id: a\r\n", "", "uncertain answer-without-id"),
            ("451 Later", "", #"{"errors":[{"message":"m"}]}"#, "rejected sendgrid-451"),
        ] as [(String, String, String, String)]
    )
    func `each answer has its outcome`(
        _ status: String,
        _ headers: String,
        _ body: String,
        _ outcome: String
    ) async throws {
        let server = try RawServer { connection in
            _ = connection.readRequest()
            connection.write("HTTP/1.1 \(status)\r\n\(headers)Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
            connection.end()
        }
        let found = try await self.send(at: server.url)
        #expect(found.summary == outcome)
    }

    @Test func `what the errors say is told, with their fields`() async throws {
        let body = #"{"errors":[{"message":"A.","field":"b.c","help":null},{"message":"D.","field":null}]}"#
        let server = try RawServer { connection in
            _ = connection.readRequest()
            connection.write("HTTP/1.1 400 Bad\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
            connection.end()
        }
        let outcome = try await self.send(at: server.url)
        #expect(outcome == .rejected(ProviderError(code: "sendgrid-400", detail: "b.c: A. D.", response: body)))
    }

    @Test(arguments: [
        [:], ["api_key": "a b", "from": "a@b.test"], ["api_key": "x"], ["api_key": "x", "from": "none"],
        ["api_key": "x", "from": "a@b.test", "from_name": "a\r\nb"],
        ["api_key": "x", "from": "a@b.test", "reply_to": "x, y@b.test"],
    ])
    func `credentials that can not be right block the account`(_ credentials: [String: String]) async throws {
        let outcome = try await self.send(with: credentials, at: "http://127.0.0.1:1")
        #expect(outcome.summary == "blocked credentials-invalid")
    }

    @Test(
        arguments: [
            (MessageContent(subject: "x"), "rejected content-missing"),
            (MessageContent(subject: "x", html: "<img src=x>"), "transient connection-refused"),
            (MessageContent(body: "x", subject: "a\nb"), "rejected invalid-subject"),
            (MessageContent(body: "x", subject: "a", fromName: "a\r\nBcc: x"), "rejected invalid-from-name"),
            (MessageContent(body: "x", subject: "a", replyTo: "a@b.test\r\n"), "rejected invalid-reply-to"),
        ] as [(MessageContent, String)]
    )
    func `content that can not be right is refused before it leaves`(
        _ content: MessageContent,
        _ outcome: String
    ) async throws {
        let port = try RawServer.closedPort()
        let found = try await self.send(content, at: "http://127.0.0.1:\(port)")
        #expect(found.summary == outcome)
    }
}
