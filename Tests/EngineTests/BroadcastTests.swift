import Installation
import NIOHTTP1
import ProviderStub
import Shared
import TestSupport
import Testing

extension Engine {
    /// One content for many, while the process that works on it dies, again and again.
    @Suite struct BroadcastTests {
        private static let recipients = TestForm.value(short: 1500, long: 100_000)
        /// Each kill stops the making for a second or so.
        private static let patience: Duration = .seconds(TestForm.value(short: 600, long: 1500))
        /// Long enough to fall into the making of the messages and into their sending.
        private static let pauses: ClosedRange<Int> = TestForm.value(short: 300...900, long: 300...2500)

        @Test(.timeLimit(.minutes(35)))
        func eachRecipientGetsOneMessageAndOneOutcomeWhateverIsKilled() async throws {
            print("broadcast kills: seed \(Seed.current)")
            let plan = InstallationPlan(workers: 2, uncertainHold: 60)
            try await withInstallation(plan) { herald in
                let tenant = try await herald.newTenant()
                try await tenant.newWhatsAppAccount()
                let id = try await tenant.createBroadcast(to: (0..<Self.recipients).map { phone($0) })
                let victims = Replica.allCases.map { RandomKills.Victim.process($0.name) }
                let kills = RandomKills(processes: herald.processes, victims: victims, pauses: Self.pauses)
                let killing = Task { try await kills.run(for: Self.patience) }
                // Killed until the last message is made, and then until most are sent.
                let made = try await timeUntil(Self.patience, every: .milliseconds(250)) {
                    try await tenant.progress(of: id)?.processed == Self.recipients
                        && herald.stub.handedOver.ids.count >= Self.recipients / 2
                }
                killing.cancel()
                let killed = (try? await killing.value) ?? [:]
                let drained = try await tenant.drain(within: .seconds(240))
                let done = try await timeUntil(.seconds(30)) { try await tenant.progress(of: id)?.status == "done" }

                let outcomes = try await tenant.outcomes(of: id)
                let messages = try await tenant.allMessages()
                let reckoning = Reckoning(
                    acknowledged: Set(outcomes.compactMap(\.messageID)),
                    messages: messages,
                    handed: herald.stub.handedOver
                )
                print(
                    "broadcast kills: \(Self.recipients) recipients, killed \(killed.killsText), made and half sent in",
                    "\(made.text), drained in \(drained.text): \(reckoning.text)"
                )
                #expect(outcomes.count == Self.recipients)
                #expect(Set(outcomes.map(\.to)).count == Self.recipients)
                #expect(outcomes.allSatisfy { $0.state == "made" && $0.isEnded })
                #expect(Set(outcomes.compactMap(\.messageID)).count == Self.recipients)
                #expect(messages.count == Self.recipients)
                #expect(reckoning.faults == [])
                #expect(made != nil && drained != nil && done != nil)
                #expect(killed.values.reduce(0, +) > 0)
            }
        }

        /// A hundred thousand are one call, and become messages at once.
        @Test(.timeLimit(.minutes(10)))
        func manyRecipientsAreTakenInOneCall() async throws {
            let count = TestForm.value(short: 5000, long: 100_000)
            try await withInstallation(InstallationPlan(workers: 0)) { herald in
                let tenant = try await herald.newTenant()
                try await tenant.newWhatsAppAccount()
                // The first of an installation waits for what is prepared once.
                _ = try await tenant.createBroadcast(to: [phone(0)])
                let recipients = (1...count).map { phone($0) }
                let began = ContinuousClock.now
                let id = try await tenant.createBroadcast(to: recipients)
                let taken = began.duration(to: .now)
                let made = try await timeUntil(.seconds(300), every: .milliseconds(100)) {
                    try await tenant.progress(of: id)?.messages == count
                }
                let rate = made.map { Double(count) / ($0 / .seconds(1)) } ?? 0
                print(
                    "broadcast: \(count) recipients taken in \(Duration?.some(taken).text), made in \(made.text):",
                    "\(Int(rate)) a second"
                )
                #expect(made != nil)
                guard Programs.current.areOptimized, TestForm.isLong else { return }
                #expect(taken < .seconds(2))
                #expect(rate >= 10_000)
            }
        }
    }
}

/// What became of one recipient.
private struct RecipientOutcome: Sendable {
    let to: String
    let state: String
    let messageID: String?
    let status: String?

    var isEnded: Bool { ["sent", "delivered", "read", "failed", "skipped"].contains(self.status ?? "") }
}

extension API {
    /// Sends a text to telephone numbers, and returns the broadcast's id.
    fileprivate func createBroadcast(to numbers: [String]) async throws -> String {
        let recipients = numbers.map { #"{"to":"\#($0)"}"# }.joined(separator: ",")
        let body = #"{"name":"spring","channel":"whatsapp","body":"Sale","recipients":[\#(recipients)]}"#
        let answer = try await self.send(.POST, "/api/v1/broadcasts", Array(body.utf8), [:])
        try #require(answer.status == 202, "\(answer.text)")
        return answer.id
    }

    /// How far a broadcast is; nil while the service is away.
    fileprivate func progress(of id: String) async throws -> (status: String, processed: Int, messages: Int)? {
        let answer = try await self.get("/api/v1/broadcasts/\(id)")
        guard answer.status == 200, let status = answer.json["status"]?.string else { return nil }
        let progress = answer.json["progress"] ?? .null
        return (status, progress["processed"]?.int ?? 0, progress["messages"]?.int ?? 0)
    }

    fileprivate func outcomes(of id: String) async throws -> [RecipientOutcome] {
        var (outcomes, cursor): ([RecipientOutcome], String?) = ([], "")
        while let next = cursor {
            let place = next.isEmpty ? "" : "&cursor=\(next)"
            let page = try await self.get("/api/v1/broadcasts/\(id)/recipients?limit=200\(place)")
            try #require(page.status == 200, "\(page.text)")
            outcomes += (page.json["data"]?.array ?? []).map { recipient in
                RecipientOutcome(
                    to: recipient["to"]?.string ?? "",
                    state: recipient["state"]?.string ?? "",
                    messageID: recipient["message_id"]?.string,
                    status: recipient["status"]?.string
                )
            }
            cursor = page.json["next_cursor"]?.string
        }
        return outcomes
    }
}
