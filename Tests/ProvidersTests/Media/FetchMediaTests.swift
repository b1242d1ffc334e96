import NIOCore
import ProviderStub
import Shared
import Testing

@testable import Providers

/// Against the stub, which has files as Meta and Twilio do, and a bare server for all else.
@Suite(.timeLimit(.minutes(5)))
struct FetchMediaTests {
    private static let loopback = ["127.0.0.0/8", "::1"].compactMap(CIDR.init)
    private static let credentials = ["access_token": "token", "account_sid": "AC1", "auth_token": "secret"]

    /// Fetches and reads a file.
    private func fetch(
        _ source: InboundAttachment.Source,
        of provider: ProviderKind,
        at url: String = "https://127.0.0.1:1",
        allow: [CIDR] = FetchMediaTests.loopback,
        mostBytes: Int = FetchMedia.mostBytes
    ) async throws -> (bytes: [UInt8], type: String?, length: Int?) {
        let config = ProvidersConfig(
            whatsappURL: url,
            twilioURL: url,
            publicInboundURL: "https://in.example.com",
            egressAllow: allow
        )
        return try await withClient { client in
            let fetch = FetchMedia(config: config, client: client, mostBytes: mostBytes)
            let file = try await fetch(source, of: provider, with: Credentials(Self.credentials))
            var bytes: [UInt8] = []
            for try await part in file { bytes += part.readableBytesView }
            return (bytes, file.contentType, file.length)
        }
    }

    private func refusal(
        _ source: InboundAttachment.Source,
        of provider: ProviderKind = .twilio,
        at url: String = "https://127.0.0.1:1",
        allow: [CIDR] = FetchMediaTests.loopback,
        mostBytes: Int = FetchMedia.mostBytes
    ) async -> MediaRefusal? {
        await #expect(throws: MediaRefusal.self) {
            try await self.fetch(source, of: provider, at: url, allow: allow, mostBytes: mostBytes)
        }
    }

    @Test func `a file of WhatsApp is found by its id, with the account's token`() async throws {
        try await withProviderStub { stub in
            let file = try await self.fetch(
                .whatsappMedia(id: "jpeg100000"),
                of: .whatsappCloud,
                at: "\(stub.url)/v25.0"
            )
            #expect(file.bytes == (0..<100_000).map { UInt8($0 % 251) })
            #expect(file.type == "image/jpeg")
            #expect(file.length == 100_000)
        }
    }

    @Test func `a file of Twilio is where its address redirects to, which is told no secret`() async throws {
        try await withProviderStub { stub in
            let url = "\(stub.url)/2010-04-01/Accounts/AC1/Messages/MM1/Media/pdf1000"
            let file = try await self.fetch(.url(url), of: .twilio, at: stub.url)
            #expect(file.bytes.count == 1000)
            #expect(file.type == "application/pdf")
        }
    }

    @Test func `what the provider has no more is gone`() async throws {
        try await withProviderStub { stub in
            let url = "\(stub.url)/v25.0"
            #expect(await self.refusal(.whatsappMedia(id: "gone"), of: .whatsappCloud, at: url) == .gone)
            #expect(await self.refusal(.whatsappMedia(id: "../x"), of: .whatsappCloud, at: url) == .gone)
            let file = "\(stub.url)/2010-04-01/Accounts/AC1/Messages/MM1/Media/17"
            #expect(await self.refusal(.url(file), at: stub.url) == .gone)
        }
        #expect(await self.refusal(.part(name: "attachment1"), of: .sendgrid) == .gone)
    }

    @Test(arguments: [("401 Unauthorized", 401), ("429 Too Many Requests", 429), ("500 Oh", 500), ("204 None", 204)])
    func `any other status is the provider's refusal`(line: String, status: Int) async throws {
        let server = try RawServer { connection in
            connection.readRequest()
            connection.answer(line, "")
            connection.end()
        }
        for source in [InboundAttachment.Source.url("\(server.url)/x"), .whatsappMedia(id: "1")] {
            let refused = await self.refusal(source, of: .whatsappCloud, at: server.url)
            #expect(refused == .refused(status: status))
        }
    }

    @Test(arguments: ["{}", "x", #"{"url": "ftp://127.0.0.1/x"}"#, #"{"url": "https://u:p@127.0.0.1/x"}"#])
    func `an address that is none is not asked`(body: String) async throws {
        let server = try RawServer { connection in
            connection.readRequest()
            connection.answer("200 OK", body)
            connection.end()
        }
        _ = await self.refusal(.whatsappMedia(id: "1"), of: .whatsappCloud, at: server.url)
        #expect(server.connectionCount == 1)
    }

    /// Whoever can name an address must not reach what is not public, nor see it by a redirect.
    @Test func `nothing but public addresses is asked, and in clear text none`() async throws {
        let server = try RawServer { $0.end() }
        let port = server.port
        for url in [
            "http://127.0.0.1:\(port)/x", "https://127.0.0.1:\(port)/x", "http://[::1]:\(port)/", "http://8.8.8.8/",
        ] {
            let refused = await self.refusal(.url(url), of: .http, allow: [])
            guard case .notAllowed = refused else {
                Issue.record("\(url): \(String(describing: refused))")
                continue
            }
        }
        #expect(server.connectionCount == 0)
    }

    @Test func `a redirect goes through the guard too`() async throws {
        let hidden = try RawServer { $0.end() }
        let server = try RawServer { connection in
            connection.readRequest()
            connection.answer("302 Found", "", headers: "location: http://127.0.0.2:\(hidden.port)/\r\n")
            connection.end()
        }
        let only = ["127.0.0.1"].compactMap(CIDR.init)
        let refused = await self.refusal(.url("\(server.url)/x"), of: .http, allow: only)
        guard case .notAllowed = refused else {
            Issue.record("\(String(describing: refused))")
            return
        }
        #expect(hidden.connectionCount == 0)
    }

    @Test func `credentials go to the provider's own server and to no other`() async throws {
        let seen = RequestLog()
        let other = try RawServer { connection in
            seen.add(connection.readRequest())
            connection.answer("200 OK", "bytes")
            connection.end()
        }
        let first = try RawServer { connection in
            seen.add(connection.readRequest())
            connection.answer("307 Temporary Redirect", "", headers: "location: \(other.url)/b\r\n")
            connection.end()
        }
        _ = try await self.fetch(.url("\(first.url)/a"), of: .twilio, at: first.url)
        // An address that a webhook named, and that is not Twilio's.
        _ = try await self.fetch(.url("\(other.url)/c"), of: .twilio, at: first.url)
        _ = try await self.fetch(.url("\(first.url)/d"), of: .http, at: first.url)
        let secrets = seen.requests.map { $0.contains("authorization:") }
        #expect(secrets == [true, false, false, false, false])
        #expect(seen.requests.first?.contains("authorization: Basic QUMxOnNlY3JldA==\r\n") == true)
    }

    @Test func `redirects come to an end`() async throws {
        let server = try RawServer { connection in
            connection.readRequest()
            connection.answer("302 Found", "", headers: "location: /again\r\n")
            connection.end()
        }
        let refused = await self.refusal(.url("\(server.url)/x"), of: .http)
        #expect(refused == .unanswered("It was redirected more than 5 times."))
        #expect(server.connectionCount == 6)
    }

    @Test func `a file that is too large is refused, before it is read where its length is told`() async throws {
        let told = try RawServer { connection in
            connection.readRequest()
            connection.write("HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n")
            connection.waitForClose()
            connection.end()
        }
        #expect(await self.refusal(.url(told.url), of: .http, mostBytes: 10) == .tooLarge(10))
        let untold = try RawServer { connection in
            connection.readRequest()
            connection.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nb\r\n01234567890\r\n0\r\n\r\n")
            connection.end()
        }
        #expect(await self.refusal(.url(untold.url), of: .http, mostBytes: 10) == .tooLarge(10))
        let most = try await self.fetch(.url(untold.url), of: .http, mostBytes: 11)
        #expect(most.bytes.count == 11)
        #expect(most.length == nil)
    }

    @Test func `no answer is one that says why`() async throws {
        let closed = try RawServer.closedPort()
        let refused = await self.refusal(.url("http://127.0.0.1:\(closed)/x"), of: .http)
        guard case .unanswered = refused else {
            Issue.record("\(String(describing: refused))")
            return
        }
    }

    /// The next part is asked for when the one before has been taken: memory does not grow with the file.
    @Test func `a reader that waits lets the provider wait`() async throws {
        let sent = ByteCount()
        let server = try RawServer { connection in
            connection.readRequest()
            connection.write("HTTP/1.1 200 OK\r\ncontent-length: 67108864\r\n\r\n")
            let part = [UInt8](repeating: 7, count: 65_536)
            for _ in 0..<1024 {
                guard connection.write(part) else { break }
                sent.add(part.count)
            }
            connection.end()
        }
        let config = ProvidersConfig(publicInboundURL: "", egressAllow: Self.loopback)
        try await withClient { client in
            let file = try await FetchMedia(config: config, client: client)(
                .url(server.url),
                of: .http,
                with: Credentials([:])
            )
            var isFirst = true
            var count = 0
            for try await part in file {
                if isFirst {
                    isFirst = false
                    // Until the buffers of the connection are full.
                    var before = -1
                    while sent.count != before {
                        before = sent.count
                        try await Task.sleep(for: .milliseconds(200))
                    }
                    #expect(sent.count < 32 << 20)
                }
                count += part.readableBytes
            }
            #expect(count == 64 << 20)
        }
    }
}
