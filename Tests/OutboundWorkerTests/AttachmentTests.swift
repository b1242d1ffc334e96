import Foundation
import InternalAPI
import Providers
import Shared
import Synchronization
import TestSupport
import Testing

@testable import OutboundWorker

/// A mail's files are got just before it leaves, and only so many are in memory.
@Suite(.timeLimit(.minutes(5))) struct AttachmentTests {
    private static let files = [
        AttachmentFile(filename: "a.pdf", contentType: "application/pdf", content: Data("abc".utf8))
    ]

    @Test func theProviderGetsTheFiles() async throws {
        let seen = Mutex<[[AttachmentFile]]>([])
        let worker = try Worker(provider: TestProvider { message in seen.withLock { $0.append(message.attachments) } })
        await worker.queue.give(Self.files)
        let (with, without) = (
            MessagingAPI.Lease.test(attachments: Self.files.map(\.listing)), MessagingAPI.Lease.test()
        )
        await worker.queue.offer([with, without])
        try await withServices([worker.dispatcher]) {
            try await eventually { await worker.queue.reported.count == 2 }
        }
        #expect(seen.withLock { $0 }.sorted { $0.count < $1.count } == [[], Self.files])
        // What has none asks for none.
        #expect(await worker.queue.fetches == [with.key])
    }

    /// Nothing of it has left, and nothing says that it might have.
    @Test(arguments: [nil, [], Self.files + Self.files]) func withoutThemNothingLeaves(got: [AttachmentFile]?)
        async throws
    {
        let worker = try Worker()
        await worker.queue.give(got)
        let lease = MessagingAPI.Lease.test(attachments: Self.files.map(\.listing))
        await worker.queue.offer([lease])
        try await withServices([worker.dispatcher]) {
            try await eventually { await worker.queue.unused == [lease.key] }
        }
        #expect(worker.provider.counts.sent.isEmpty)
        #expect(worker.storage.replay.uncertain.isEmpty)
    }

    @Test func whoWantsMoreThanIsLeftWaitsInTurn() async throws {
        let budget = ByteBudget(10)
        let gate = Gate(isOpen: false)
        let order = Order()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await budget.holding(6) { await gate.pass() } }
            try await eventually { budget.left == 4 }
            group.addTask { await budget.holding(5) { order.add("large") } }
            try await eventually { budget.waiting == 1 }
            // It would fit, and does not go before the one that waits.
            group.addTask { await budget.holding(1) { order.add("small") } }
            try await eventually { budget.waiting == 2 }
            #expect(order.names.isEmpty)
            await gate.open()
            try await group.waitForAll()
        }
        #expect(Set(order.names) == ["large", "small"])
        #expect(budget.left == 10)
    }

    @Test func whatIsMoreThanAllIsHeldAlone() async {
        let budget = ByteBudget(10)
        await budget.holding(11) { #expect(budget.left == 0) }
        #expect(budget.left == 10)
    }
}

/// Who came, in order.
private final class Order: Sendable {
    private let list = Mutex<[String]>([])

    var names: [String] { self.list.withLock { $0 } }

    func add(_ name: String) { self.list.withLock { $0.append(name) } }
}
