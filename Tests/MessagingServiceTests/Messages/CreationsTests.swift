import Batching
import Configuration
import Shared
import Synchronization
import TestSupport
import Testing

@testable import MessagingService

/// Creates that wait for their transaction.
@Suite(.timeLimit(.minutes(5))) struct CreationsTests {
    private struct Written: Error {}

    /// Transactions that wait until the test lets them go, and then fail: what they write is tested elsewhere.
    private actor Transactions {
        let door = Door()
        private(set) var written: [[OrgID]] = []

        func write(_ requests: [CreateRequest]) async -> [Result<CreateAnswer, any Error>] {
            self.written.append(requests.map(\.orgID))
            await self.door.pass()
            return requests.map { _ in .failure(Written()) }
        }
    }

    private static let letter: JSONValue = [
        "to": "ann@example.com", "channel": "email", "subject": "Hi", "body": "x",
        "attachments": [["filename": "a.txt", "content_type": "text/plain", "content": "eA=="]],
    ]

    private let transactions = Transactions()
    private let flooding = OrgID.new()
    private let other = OrgID.new()

    private func creations(_ settings: [String: String] = [:]) async throws -> Creations {
        Creations(try await EngineConfig(reader: .test(settings))) { [transactions] in await transactions.write($0) }
    }

    /// Two are written, sixteen wait, and whoever has most waiting makes room for the others.
    @Test func ofMessagesWithFilesSixteenWait() async throws {
        let creations = try await self.creations()
        let refused = Mutex<[OrgID]>([])
        let letters = try [self.flooding, self.other].map { try MessagingFixture.request(Self.letter, of: $0) }
        let submit: @Sendable (CreateRequest) async -> Void = { letter in
            do {
                _ = try await creations.submit(letter)
            } catch CoalescerFailure.full {
                refused.withLock { $0.append(letter.orgID) }
            } catch {
                #expect(error is Written)
            }
        }
        try await withThrowingTaskGroup { [flooding, transactions] tasks in
            for _ in 0..<2 { tasks.addTask { await submit(letters[0]) } }
            try await eventually { await transactions.written.count == 2 }
            for _ in 0..<20 { tasks.addTask { await submit(letters[0]) } }
            try await eventually { refused.withLock { $0.count } == 20 - 16 }
            tasks.addTask { await submit(letters[1]) }
            try await eventually { refused.withLock { $0.count } == 21 - 16 }
            #expect(await transactions.written == [[flooding], [flooding]])
            await transactions.door.open()
            try await tasks.waitForAll()
        }
        #expect(refused.withLock { !$0.contains(self.other) })
        let written = await self.transactions.written
        #expect(written.count == 18 && written.allSatisfy { $0.count == 1 })
        // It came after one or two others, and not after the fifteen that waited before it.
        #expect(written[2...3].contains([self.other]))
    }

    @Test func whatIsWrittenTogetherIsOfEachOrganizationInTurn() async throws {
        let creations = try await self.creations(["create.batch": "4", "create.batches": "1"])
        await self.transactions.door.open()
        let (flooding, other) = (self.flooding, self.other)
        let text = MessagingFixture.message("Hello", to: "+15550000001")
        let requests = try (Array(repeating: flooding, count: 6) + [other]).map { orgID in
            try MessagingFixture.request(text, of: orgID)
        }
        _ = await creations.submit(withoutFiles: requests)
        let written = await self.transactions.written
        #expect(written == [[flooding, other, flooding, flooding], [flooding, flooding, flooding]])
    }
}
