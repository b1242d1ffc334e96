import Foundation
import ProviderStub
import Shared
import Testing

@testable import Providers

/// Against the stub, which lists what it took, and a bare server for what it does not answer.
@Suite(.timeLimit(.minutes(5)))
struct TwilioLookUpTests {
    private static let path = "/2010-04-01/Accounts/AC1/Messages.json"
    private static let credentials = ["account_sid": "AC1", "auth_token": "secret", "from": "+15017122661"]

    private func lookUp(
        _ content: MessageContent = MessageContent(body: "Hello"),
        to recipient: String = "+15550001111",
        since: Timestamp = Timestamp(microseconds: 1_795_255_203_000_000),
        credentials: [String: String] = TwilioLookUpTests.credentials,
        at url: String,
        within limit: Duration = .seconds(20)
    ) async throws -> LookUpAnswer {
        let question = LookUpQuestion(
            to: recipient,
            content: content,
            since: since,
            credentials: Credentials(credentials)
        )
        return try await withClient { client in
            await Self.provider(url, ProviderExchange(client: client)).lookUp(question, before: .now + limit)
        }
    }

    private static func provider(_ url: String, _ exchange: ProviderExchange) -> TwilioProvider {
        TwilioProvider(baseURL: url, publicInboundURL: "https://in.example.com", exchange: exchange)
    }

    /// One message as Twilio lists it.
    private static func listed(_ sid: String, _ body: String = "Hello", created: String) -> String {
        #"{"sid":"\#(sid)","to":"+15550001111","body":"\#(body)","num_media":"0","direction":"outbound-api","#
            + #""date_created":"\#(created)","date_sent":null,"status":"queued"}"#
    }

    private static func page(_ messages: [String], next: String?) -> String {
        let next = next.map { "\"\($0)\"" } ?? "null"
        return #"{"messages":[\#(messages.joined(separator: ","))],"next_page_uri":\#(next),"page":0}"#
    }

    @Test func `the stub has what it took, and nothing else`() async throws {
        try await withProviderStub { stub in
            let since = Timestamp.now
            for body in ["Hello", "Hello", "Other"] {
                _ = try await withClient { client in
                    await Self.provider(stub.url, ProviderExchange(client: client))
                        .send(.sms(MessageContent(body: body)), before: .distant)
                }
            }
            let ids = stub.ledger.entries.map(\.providerID)
            let found = try await self.lookUp(since: since, at: stub.url)
            guard case .candidates(let candidates) = found else {
                Issue.record("\(found)")
                return
            }
            #expect(candidates.sorted() == ids.prefix(2).sorted())
            let absent = try await self.lookUp(MessageContent(body: "Never"), since: since, at: stub.url)
            #expect(absent == .absent)
            let elsewhere = try await self.lookUp(to: "+15550001112", since: since, at: stub.url)
            #expect(elsewhere == .absent)
            let later = try await self.lookUp(since: since + .seconds(60), at: stub.url)
            #expect(later == .absent)
        }
    }

    @Test func `the question names the number and the day in GMT`() async throws {
        let seen = RequestLog()
        let server = try RawServer { connection in
            seen.add(connection.readRequest())
            connection.answer("200 OK", Self.page([], next: nil))
            connection.end()
        }
        // Three seconds after midnight: with the difference of the clocks it may be of the day before.
        let midnight = try #require(Timestamp("2026-11-21T00:00:03Z"))
        #expect(try await self.lookUp(since: midnight, at: server.url) == .absent)
        let request = try #require(seen.requests.first)
        #expect(
            request.hasPrefix("GET \(Self.path)?To=%2B15550001111&DateSent%3E=2026-11-20&PageSize=100 HTTP/1.1\r\n")
        )
        #expect(request.contains("authorization: Basic QUMxOnNlY3JldA==\r\n"))
    }

    @Test func `all pages are read`() async throws {
        let seen = RequestLog()
        let server = try RawServer { connection in
            while let request = connection.readRequest() {
                seen.add(request)
                if request.contains("PageToken=PA2") {
                    let oldest = Self.listed("SM1", created: "Sat, 21 Nov 2026 10:00:00 +0000")
                    connection.answer("200 OK", Self.page([oldest], next: nil))
                } else {
                    let others = [
                        Self.listed("SM3", created: "Sat, 21 Nov 2026 10:00:02 +0000"),
                        Self.listed("SM2", "Other", created: "Sat, 21 Nov 2026 10:00:01 +0000"),
                    ]
                    connection.answer("200 OK", Self.page(others, next: "\(Self.path)?Page=1&PageToken=PA2"))
                }
            }
            connection.end()
        }
        let since = try #require(Timestamp("2026-11-21T10:00:03Z"))
        #expect(try await self.lookUp(since: since, at: server.url) == .candidates(["SM1", "SM3"]))
        #expect(seen.requests.count == 2)
        #expect(seen.requests.last?.hasPrefix("GET \(Self.path)?Page=1&PageToken=PA2 HTTP/1.1\r\n") == true)
    }

    @Test(arguments: ["https://example.com/x", "/2010-04-01/Accounts/AC2/Messages.json?Page=1", "@example.com/"])
    func `a page elsewhere is not asked for`(_ next: String) async throws {
        let server = try RawServer { connection in
            connection.readRequest()
            connection.answer("200 OK", Self.page([], next: next))
            connection.end()
        }
        #expect(try await self.lookUp(at: server.url).summary == "unanswered answer-malformed")
        #expect(server.connectionCount == 1)
    }

    @Test func `a list without an end decides nothing`() async throws {
        let seen = RequestLog()
        let server = try RawServer { connection in
            while let request = connection.readRequest() {
                seen.add(request)
                connection.answer("200 OK", Self.page([], next: "\(Self.path)?Page=1"))
            }
            connection.end()
        }
        #expect(try await self.lookUp(at: server.url).summary == "unanswered list-too-long")
        #expect(seen.requests.count == TwilioProvider.mostPages)
    }

    @Test(
        arguments: [
            ("401 Unauthorized", #"{"code":20003,"message":"Authenticate"}"#, "unanswered 20003"),
            ("429 Too Many Requests", #"{"code":20429,"message":"Too Many Requests"}"#, "unanswered 20429"),
            ("503 Service Unavailable", "busy", "unanswered http-503"),
            ("200 OK", "{}", "unanswered answer-malformed"),
            ("200 OK", "not JSON", "unanswered answer-malformed"),
            ("200 OK", #"{"messages":[{"sid":"SM1"}]}"#, "unanswered answer-malformed"),
            (
                "200 OK",
                #"{"messages":[{"sid":"SM1","direction":"outbound-api","date_created":"yesterday"}]}"#,
                "unanswered answer-malformed"
            ),
            ("200 OK", #"{"messages":[]}"#, "absent"),
        ] as [(String, String, String)]
    )
    func `an answer that is no list decides nothing`(_ status: String, _ body: String, _ answer: String) async throws {
        let server = try RawServer { connection in
            connection.readRequest()
            connection.answer(status, body)
            connection.end()
        }
        #expect(try await self.lookUp(at: server.url).summary == answer)
    }

    @Test func `texts of others can not spoil the list`() async throws {
        let server = try RawServer { connection in
            connection.readRequest()
            let strange = Self.listed("SM2", #"\u0000\ud800"#, created: "Sat, 21 Nov 2026 10:00:04 +0000")
            let ours = Self.listed("SM1", created: "Sat, 21 Nov 2026 10:00:03 +0000")
            connection.answer("200 OK", Self.page([strange, ours], next: nil))
            connection.end()
        }
        let since = try #require(Timestamp("2026-11-21T10:00:03Z"))
        #expect(try await self.lookUp(since: since, at: server.url) == .candidates(["SM1"]))
    }

    @Test func `what was not answered is not absent`() async throws {
        let closed = try RawServer.closedPort()
        #expect(try await self.lookUp(at: "http://127.0.0.1:\(closed)").summary == "unanswered connection-refused")
        let cut = try RawServer { connection in
            connection.readRequest()
            connection.write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"messages\":[")
            connection.end()
        }
        #expect(try await self.lookUp(at: cut.url).summary.hasPrefix("unanswered"))
        let silent = try RawServer { $0.waitForClose() }
        // Long enough for the connection, before which it is no timeout.
        let timedOut = try await self.lookUp(at: silent.url, within: .seconds(5))
        #expect(timedOut.summary == "unanswered timeout")
        let late = try await self.lookUp(at: silent.url, within: .zero)
        #expect(late.summary == "unanswered deadline")
    }

    @Test(arguments: [[:], ["account_sid": "AC1/..", "auth_token": "x"], ["account_sid": "AC1", "auth_token": "x\n"]])
    func `credentials that can not be right ask nothing`(_ credentials: [String: String]) async throws {
        let answer = try await self.lookUp(credentials: credentials, at: "http://127.0.0.1:1")
        #expect(answer.summary == "unanswered credentials-invalid")
    }
}

extension LookUpAnswer {
    /// Its name and its code, for tables.
    fileprivate var summary: String {
        switch self {
        case .candidates(let ids): "candidates \(ids.joined(separator: " "))"
        case .absent: "absent"
        case .unanswered(let error): "unanswered \(error.code)"
        }
    }
}
