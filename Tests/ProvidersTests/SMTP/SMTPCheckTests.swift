import Shared
import TestSupport
import Testing

@testable import Providers

/// Checks of a mail server's login, against a real one.
@Suite(.timeLimit(.minutes(5)))
struct SMTPCheckTests {
    private func check(
        _ tls: String,
        port: Int,
        _ changes: [String: String] = [:],
        caFile: String? = nil,
        within limit: Duration = .seconds(10)
    ) async -> String {
        let egress = EgressGuard(allow: [CIDR("127.0.0.0/8")].compactMap(\.self))
        let provider = SMTPProvider(egress: egress, caFile: caFile, threads: 1)
        let login = tls == "none" ? [:] : ["username": "herald", "password": "p w:\"é"]
        let rest = ["host": "127.0.0.1", "port": String(port), "tls": tls, "from": "shop@example.com"]
        let credentials = Credentials(login.merging(rest) { $1 }.merging(changes) { $1 })
        return await provider.check(credentials, before: .now + limit).summary
    }

    @Test func `the login is tried by each kind of security, and no mail is sent`() async throws {
        try await withSMTPServer { server in
            for tls in ["none", "starttls", "implicit"] {
                let found = await self.check(tls, port: server.port(tls), caFile: server.certificate)
                #expect(found == "ok", "\(tls)")
            }
            for tls in ["starttls", "implicit"] {
                let port = server.port(tls)
                let wrong = await self.check(tls, port: port, ["password": "wrong"], caFile: server.certificate)
                #expect(wrong == "refused smtp-535", "\(tls)")
                let busy = await self.check(tls, port: port, ["username": "busy"], caFile: server.certificate)
                #expect(busy == "unreachable smtp-454", "\(tls)")
                let stranger = await self.check(tls, port: port, caFile: server.otherCertificate)
                #expect(stranger == "unreachable tls-certificate", "\(tls)")
            }
            let messages = try server.messages()
            #expect(messages.isEmpty)
        }
    }

    @Test func `it says hello, nothing, and goodbye`() async throws {
        let seen = RequestLog()
        let server = try RawServer { connection in
            connection.write("220 hi\r\n")
            while let heard = connection.read() {
                seen.add(String(decoding: heard, as: UTF8.self))
                connection.write("250 fine\r\n")
            }
            connection.end()
        }
        #expect(await self.check("none", port: server.port) == "ok")
        try await eventually { seen.requests.count == 3 }
        #expect(seen.requests == ["EHLO example.com\r\n", "NOOP\r\n", "QUIT\r\n"])
    }

    @Test func `a server that is not there or not allowed is told apart`() async throws {
        let port = try RawServer.closedPort()
        #expect(await self.check("none", port: port) == "unreachable connection-refused")
        #expect(await self.check("none", port: 25, ["host": "192.168.0.1"]) == "refused address-not-allowed")
        #expect(await self.check("none", port: 25, ["tls": "odd"]) == "refused credentials-invalid")
        #expect(await self.check("none", port: port, within: .zero) == "unreachable deadline")
    }
}
