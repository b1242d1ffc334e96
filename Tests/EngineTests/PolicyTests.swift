import Glibc
import Installation
import NIOHTTP1
import ProviderStub
import Shared
import TestSupport
import Testing

extension Engine {
    /// What recipients have decided, against what a provider was handed.
    @Suite struct PolicyTests {
        private static let orgs = TestForm.value(short: 4, long: 10)
        private static let recipients = TestForm.value(short: 60, long: 1000)
        private static let rounds = TestForm.value(short: 5, long: 10)

        /// Random consents, caps, hours and categories: a dry run says what happens, both as the rules have it, and nothing
        /// reaches the provider against them.
        @Test(.timeLimit(.minutes(40))) func whatADryRunSaysIsWhatHappens() async throws {
            print("policy: seed \(Seed.current)")
            try await withInstallation(InstallationPlan(workers: 2)) { herald in
                var orgs: [RandomOrg] = []
                for number in 0..<Self.orgs {
                    orgs.append(try await RandomOrg(number, recipients: Self.recipients, in: herald))
                }
                var faults: [String] = []
                for _ in 0..<Self.rounds {
                    for index in orgs.indices {
                        try await orgs[index].changeMinds()
                        faults += try await orgs[index].send()
                    }
                    for org in orgs { try await Self.wait(for: org) }
                }
                var races: [RandomOrg.Race] = []
                for index in orgs.indices { races += try await orgs[index].race(Self.recipients / 4) }
                for org in orgs { try await Self.wait(for: org) }

                let handed = herald.stub.handedOver
                var allowed: Set<String> = []
                for org in orgs {
                    faults += org.faults(in: try await org.tenant.allMessages())
                    allowed.formUnion(org.foretold.filter { $0.value.verdict == .sent }.keys)
                }
                for race in races { faults += race.faults(in: handed) }
                let unforeseen = handed.ids.subtracting(allowed).subtracting(races.flatMap(\.ids))
                let verdicts = Dictionary(grouping: orgs.flatMap(\.foretold.values), by: \.verdict).mapValues(\.count)
                print(
                    "policy: \(verdicts.values.reduce(0, +)) cases \(verdicts), \(races.count) races, handed over",
                    "\(handed.ids.count), against policy \(unforeseen.count), other than foretold \(faults.count)"
                )
                #expect(faults.prefix(20) == [])
                #expect(unforeseen.isEmpty)
                #expect(allowed.isSubset(of: handed.ids))
                #expect(handed.repeated == [] && handed.unreadable == [])
                #expect(Set(verdicts.keys).isSuperset(of: [.sent, .skipped("opted-out"), .skipped("suppressed")]))
            }
        }

        /// Messages are in a worker's hands when their recipients opt out, and the provider is not called yet: those messages end
        /// `skipped`, and the others leave.
        @Test(.timeLimit(.minutes(5))) func anOptOutStopsWhatAWorkerHoldsAlready() async throws {
            let worker = WorkerPlan.number(1)
            try await withInstallation(InstallationPlan(workers: 0)) { herald in
                let tenant = try await herald.newTenant()
                try await tenant.newTwilioAccount()
                try await herald.startWorker(worker)
                // The worker asks for work, and is held up before it hears of any.
                let time = Timestamp.now + .seconds(3)
                let ids = try await tenant.create(
                    (0..<Self.held).map { number in
                        textMessage(
                            to: phone(number),
                            "Sale \(number)",
                            channel: "sms",
                            ["category": "marketing", "scheduled_at": .string("\(time)")]
                        )
                    }
                )
                try await pause(.seconds(2))
                await herald.processes.signal(worker.name, SIGSTOP)
                let areHeld = try await timeUntil(.seconds(10)) { try await tenant.count("sending") == Self.held }
                try #require(areHeld != nil)
                for id in ids.prefix(Self.held / 2) {
                    let customer = try await tenant.get("/api/v1/messages/\(id)").json["customer_id"]?.string ?? ""
                    let optOut: JSONValue = [
                        "channel": "sms", "purpose": "marketing", "status": "opted_out", "source": "test",
                    ]
                    let path = "/api/v1/customers/\(customer)/consents"
                    let answer = try await tenant.send(.PUT, path, optOut.bytes, [:])
                    try #require(answer.status == 200, "\(answer.text)")
                }
                // What was decided a second ago counts no more.
                try await pause(.seconds(1))
                await herald.processes.signal(worker.name, SIGCONT)
                let drained = try await tenant.drain(within: .seconds(60))
                #expect(drained != nil)
                let states = try await tenant.allMessages()
                #expect(herald.stub.handedOver.ids == Set(ids.dropFirst(Self.held / 2)))
                #expect(ids.prefix(Self.held / 2).allSatisfy { states[$0]?.reason == "opted-out" })
                #expect(ids.dropFirst(Self.held / 2).allSatisfy { states[$0]?.isSent == true })
            }
        }

        /// Fewer than a worker's slots.
        private static let held = 20

        /// Until nothing is under way but what waits for the end of the quiet hours.
        private static func wait(for org: RandomOrg) async throws {
            let ended = try await timeUntil(.seconds(120), every: .milliseconds(200)) {
                try await org.tenant.unfinished() == org.waiting
            }
            try #require(ended != nil)
        }
    }
}

extension RandomOrg.Race {
    /// What reached the provider of it that should not have, a line each.
    fileprivate func faults(in handed: HandedOver) -> [String] {
        let sent = self.ids.compactMap { handed.firstAt[$0] }
        var faults: [String] = []
        if sent.count > self.most {
            faults.append("\(sent.count) of \(self.ids.count) sent, where \(self.most) may be")
        }
        if let answered, sent.contains(where: { Timestamp($0) > answered + .seconds(1) }) {
            faults.append("sent more than a second after an opt-out was answered")
        }
        if self.answered == nil, sent.count < self.most {
            faults.append("\(sent.count) sent, where \(self.most) may be")
        }
        return faults
    }
}
