import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// Answers that a worker never got: it says so with its next question.
@Suite(.messaging) struct UnreceivedAnswerTests {
    @Test func whatAnAnswerHeldThatWasLostComesWithTheNext() async throws {
        let fixture = try MessagingFixture()
        let ids = try await fixture.sendBatch(3)
        #expect(try await self.ask(1, received: 0, fixture).count == 3)
        let again = try await self.ask(2, received: 0, fixture)
        #expect(Set(again.map(\.messageID)) == Set(ids))
        #expect(again.map(\.reference.number) == [2, 2, 2])
        // Nothing left, and nobody crashed.
        #expect(again.allSatisfy { !$0.isSuspect })
        let attempts = try await fixture.rows("SELECT state::text, error_code FROM attempts")
        #expect(attempts.count == 3)
        for row in attempts {
            #expect(try row.get("state") == "unused")
            #expect(try row.get("error_code") == "answer-lost")
        }
    }

    @Test func whatArrivedStaysWithTheWorker() async throws {
        let fixture = try MessagingFixture()
        try await fixture.sendBatch(2)
        let first = try await self.ask(1, received: 0, slots: 1, fixture)
        let second = try await self.ask(2, received: 1, slots: 1, fixture)
        #expect(Set((first + second).map(\.messageID)).count == 2)
        // The second answer was lost, the first was not.
        let third = try await self.ask(3, received: 1, fixture)
        #expect(third.map(\.reference.messageID) == second.map(\.messageID))
        #expect(try await fixture.status(of: first[0].messageID) == .sending)
    }

    @Test func severalLostAnswersComeBackTogether() async throws {
        let fixture = try MessagingFixture()
        try await fixture.sendBatch(4)
        for call in 1...3 { #expect(try await self.ask(call, received: 0, slots: 1, fixture).count == 1) }
        #expect(try await self.ask(4, received: 0, fixture).count == 4)
    }

    /// It is still being answered when the worker has asked anew.
    @Test func aStaleQuestionClaimsNothing() async throws {
        let fixture = try MessagingFixture()
        #expect(try await self.ask(2, received: 1, fixture).isEmpty)
        let id = try await fixture.send()
        #expect(try await self.ask(1, received: 0, fixture).isEmpty)
        #expect(try await fixture.status(of: id) == .queued)
        // The work is left to the next question.
        #expect(try await self.ask(3, received: 2, fixture).map(\.messageID) == [id])
    }

    @Test func anotherWorkersLeasesAreNotGivenBack() async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.send()
        _ = try await fixture.leaseNow(worker: .init(name: "another", incarnation: 1))
        for call in 1...5 { #expect(try await self.ask(call, received: 0, fixture).isEmpty) }
        #expect(try await fixture.status(of: id) == .sending)
    }

    /// An outcome that was told of a lost answer, however that came about, is the truth.
    @Test func whatWasToldMeanwhileIsNotTakenBack() async throws {
        let fixture = try MessagingFixture()
        try await fixture.send()
        let lease = try #require(try await self.ask(1, received: 0, fixture).first)
        try await fixture.tell(.accepted(providerMessageID: "SM1"), of: lease)
        #expect(try await self.ask(2, received: 0, fixture).isEmpty)
        #expect(try await fixture.status(of: lease.messageID) == .sent)
    }

    private func ask(
        _ call: Int,
        received: Int,
        slots: Int = 10,
        _ fixture: MessagingFixture
    ) async throws -> [MessagingAPI.Lease] {
        try await fixture.offer()
        return try await fixture.lease(
            .init(
                worker: fixture.worker,
                slots: slots,
                waitMilliseconds: 0,
                call: call,
                received: received,
                suspects: 0
            )
        ).leases
    }
}
