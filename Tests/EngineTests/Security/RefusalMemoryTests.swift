import Foundation
import Installation
import NIOHTTP1
import Shared
import TestSupport
import Testing

extension Engine {
    /// What is refused leaves nothing behind, however large and however often it comes.
    @Suite("F: memory of refusals") struct RefusalMemoryTests {
        /// The promise.
        private static let most = 8 << 20
        private static let rounds = TestForm.value(short: 10, long: 400)

        private static let megabyte = Array(repeating: UInt8(ascii: "x"), count: 1 << 20)
        private static let bodies: [(name: String, bytes: [UInt8], status: Int)] = [
            ("a megabyte", Array(#"{"body":""#.utf8) + Self.megabyte + Array(#""}"#.utf8), 413),
            ("brackets", Array(repeating: UInt8(ascii: "["), count: 200_000), 400),
            ("a long number", Array(#"{"metadata":"#.utf8) + Array(repeating: 0x39, count: 100_000) + [0x7D], 400),
            ("many names", Array(("{" + (0..<10_000).map { "\"a\($0)\":1," }.joined() + "\"a\":1}").utf8), 422),
            ("a name twice", Array(("{" + String(repeating: "\"a\":1,", count: 20_000) + "\"a\":1}").utf8), 400),
            ("no JSON", Array(repeating: 0, count: 200_000), 400),
            ("a long text", Array((#"{"to":"\#(String(repeating: "é", count: 100_000))"}"#).utf8), 422),
        ]

        @Test(.timeLimit(.minutes(10))) func thousandsOfRefusalsLeaveNothingBehind() async throws {
            try await withInstallation(InstallationPlan(workers: 0)) { herald in
                let tenant = try await herald.newTenant()
                // What a process takes for good the first time, it takes here.
                try await Self.refuse(Self.rounds, of: tenant, herald)
                let before = try await Self.resident(herald)
                for _ in 0..<3 { try await Self.refuse(Self.rounds, of: tenant, herald) }
                let after = try await Self.resident(herald)
                for (name, bytes) in after.sorted(by: { $0.key < $1.key }) {
                    let growth = bytes - (before[name] ?? 0)
                    print("refusals: \(name) \((before[name] ?? 0) >> 10) KB, and \(growth >> 10) KB more after them")
                    #expect(growth <= Self.most, "\(name)")
                }
                // Each of them still answers.
                #expect(try await tenant.get("/api/v1/messages").status == 200)
            }
        }

        private static func refuse(_ rounds: Int, of tenant: API, _ herald: Installation) async throws {
            let inbound = API(url: herald.ports.url(herald.ports.inbound), key: nil)
            try await withThrowingDiscardingTaskGroup { tasks in
                for _ in 0..<8 {
                    tasks.addTask {
                        for _ in 0..<rounds {
                            for body in Self.bodies {
                                try await Self.expect(body.status, tenant, body.bytes, body.name)
                            }
                            try await Self.refuseWithoutBody(tenant, inbound)
                            try Self.refuseHead(port: herald.ports.gateway)
                            try Self.refuseHead(port: herald.ports.inbound)
                        }
                    }
                }
            }
        }

        private static func expect(_ status: Int, _ tenant: API, _ body: [UInt8], _ name: String) async throws {
            let answer = try await tenant.send(.POST, "/api/v1/messages", body, [:])
            #expect(answer.status == status, "\(name): \(answer.text.prefix(300))")
            #expect(answer.bytes.count < 4096, "\(name)")
        }

        /// Keys, ids, filters and signatures that are invented anew each time: what is remembered of them must not grow.
        private static func refuseWithoutBody(_ tenant: API, _ inbound: API) async throws {
            let invented = tenant.with(key: "hk_live_\(UUID().uuidString.lowercased().replacing("-", with: ""))x")
            #expect(try await invented.get("/api/v1/messages").status == 401)
            #expect(try await tenant.get("/api/v1/messages/\(MessageID.new())").status == 404)
            #expect(try await tenant.get("/api/v1/\(UUID())").status == 404)
            #expect(try await tenant.get("/api/v1/messages?cursor=\(UUID())").status == 400)
            let signature: HTTPHeaders = ["x-hub-signature-256": "sha256=\(String(repeating: "0", count: 64))"]
            let webhook = Array(#"{"entry":[]}"#.utf8)
            let path = "/webhooks/whatsapp/\(AccountID.new())"
            #expect(try await inbound.send(.POST, path, webhook, signature).status != 200)
        }

        /// A head that is too large; its connection ends with the answer.
        private static func refuseHead(port: Int) throws {
            let socket = try RawSocket(port: port)
            defer { socket.finish() }
            socket.send("GET / HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "y", count: 20_000))\r\n\r\n")
        }

        /// Bytes of memory of each service, as the kernel counts them.
        private static func resident(_ herald: Installation) async throws -> [String: Int] {
            var bytes: [String: Int] = [:]
            for (name, pid) in await herald.processes.pids {
                let fields = try String(contentsOfFile: "/proc/\(pid)/statm", encoding: .utf8).split(separator: " ")
                bytes[name] = (Int(fields[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
            }
            #expect(bytes.count > 5)
            return bytes
        }
    }
}
