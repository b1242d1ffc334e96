import InternalAPI
import Shared
import TestSupport
import Testing

@testable import OutboundWorker

@Suite(.timeLimit(.minutes(5))) struct LookUpTests {
    @Test func eachQuestionHasOneFinding() async throws {
        let worker = try Worker()
        let asked = MessagingAPI.LookUp.test()
        let notAskable = MessagingAPI.LookUp.test(account: MessagingAPI.LeasedAccount.withoutProvider.id)
        let withoutAccount = MessagingAPI.LookUp.test(account: .new())
        await worker.queue.offer([], lookUps: [asked, notAskable, withoutAccount])
        try await withServices([worker.dispatcher]) {
            try await eventually { await worker.queue.findings.count == 3 }
        }
        let answers = await Dictionary(uniqueKeysWithValues: worker.queue.findings.map { ($0.attempt, $0.answer) })
        #expect(answers[asked.key] == .absent)
        #expect(answers[notAskable.key]?.errorCode == "no-look-up")
        #expect(answers[withoutAccount.key]?.errorCode == "no-account")
        #expect(worker.provider.counts.questions == 1)
        #expect(worker.storage.replay.uncertain.isEmpty)
    }

    @Test func questionsTakeSlotsAndGiveThemBack() async throws {
        let worker = try Worker(slots: 2, provider: TestProvider(gate: Gate(isOpen: false)))
        await worker.queue.offer([], lookUps: (0..<3).map { _ in .test() })
        try await withServices([worker.dispatcher]) {
            try await eventually { worker.provider.counts.questions == 3 }
            // Codes alone may be asked for meanwhile.
            let asked = await worker.queue.asked
            #expect(asked.first == 2 && asked.dropFirst().allSatisfy { $0 == 0 })
            await worker.provider.gate.open()
            try await eventually { await worker.queue.findings.count == 3 }
            try await eventually {
                // Ends a question for codes.
                await worker.queue.offer([])
                let asked = await worker.queue.asked
                return asked.count > 1 && asked.last == 2
            }
        }
    }
}

extension MessagingAPI.LookUpFinding.Answer {
    fileprivate var errorCode: String? {
        guard case .unanswered(let error) = self else { return nil }
        return error.code
    }
}
