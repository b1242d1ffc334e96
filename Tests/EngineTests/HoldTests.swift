import Installation
import Shared
import TestSupport
import Testing

extension Engine {
    /// A provider that neither echoes, answers questions nor removes duplicates: a mail server.
    @Suite struct HoldTests {
        private static let messages = 12
        private static let hold = 3

        @Test(.timeLimit(.minutes(5)))
        func whatAMailServerTookFromAKilledWorkerIsUncertainUntilAPersonDecides() async throws {
            let server = try SilentMailServer()
            try await withInstallation(InstallationPlan(workers: 1, uncertainHold: Self.hold)) { herald in
                let tenant = try await herald.newTenant()
                try await tenant.newMailAccount(port: server.port)
                let ids = try await tenant.create((0..<Self.messages).map { Self.mail($0) })
                _ = try #require(try await timeUntil(.seconds(30)) { server.taken.count == Self.messages })

                await herald.processes.kill(WorkerPlan.number(1).name)
                server.answer()
                let known = try await timeUntil(.seconds(10)) {
                    try await tenant.count("uncertain") == Self.messages
                }
                #expect(known != nil)
                // Well after the hold time nothing has been sent again, nor decided.
                try await pause(.seconds(Self.hold + 4))
                #expect(try await tenant.count("uncertain") == Self.messages)
                #expect(server.taken.count == Self.messages)

                // By now the lane is free for others.
                let later = try await tenant.create(Self.mail(0, "Later"))
                let wentOut = try await timeUntil(.seconds(10)) { try await tenant.status(of: later) == "sent" }
                #expect(wentOut != nil)

                try await self.resolve(ids, as: tenant)
                let resent = Set(ids.indices.filter { Self.decision(of: $0) == "resend" })
                let settled = try await tenant.drain(within: .seconds(20))
                let repeated = server.taken.count - Self.messages - 1
                print(
                    "hold: \(Self.messages) mails taken and not acknowledged, uncertain after \(known.text), sent again",
                    "without an order \(repeated - resent.count), resent on order \(resent.count), settled after",
                    settled.text
                )
                #expect(settled != nil)
                #expect(repeated == resent.count)
                for (number, id) in ids.enumerated() {
                    let expected = Self.decision(of: number) == "failed" ? "failed" : "sent"
                    #expect(try await tenant.status(of: id) == expected)
                    let times = server.taken.count { $0 == Self.recipient(number) } - (number == 0 ? 1 : 0)
                    #expect(times == (resent.contains(number) ? 2 : 1))
                }
            }
        }

        /// A person says of each what became of it; whoever says it twice is told that it is settled.
        private func resolve(_ ids: [String], as tenant: API) async throws {
            for (number, id) in ids.enumerated() {
                let outcome: JSONValue = ["outcome": .string(Self.decision(of: number))]
                let answer = try await tenant.post("/api/v1/messages/\(id)/resolve", outcome)
                #expect(answer.status == 200, "\(answer.text)")
                #expect(answer.id == id)
                guard Self.decision(of: number) != "resend" else { continue }
                let again = try await tenant.post("/api/v1/messages/\(id)/resolve", outcome)
                #expect(again.status == 409, "\(again.text)")
                #expect(again.code == "message-state")
            }
        }

        private static func decision(of number: Int) -> String { ["sent", "failed", "resend"][number % 3] }

        private static func recipient(_ number: Int) -> String { "ann\(number)@example.org" }

        private static func mail(_ number: Int, _ body: String = "Hello") -> JSONValue {
            textMessage(to: Self.recipient(number), body, channel: "email", ["subject": "Hello"])
        }
    }
}
