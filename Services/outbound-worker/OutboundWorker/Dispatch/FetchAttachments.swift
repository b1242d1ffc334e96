import InternalAPI
import Shared

/// Gets the files of a mail just before it leaves, and holds only so many bytes of all mails at the same time.
struct FetchAttachments: Sendable {
    /// Of files in memory: with the copies that a provider's protocol needs it is four times as much.
    static let mostBytes = 32 * 1024 * 1024

    let queue: any DeliveryQueue
    let budget: ByteBudget

    init(queue: any DeliveryQueue, budget: ByteBudget = ByteBudget(Self.mostBytes)) {
        self.queue = queue
        self.budget = budget
    }

    /// The files are not, or not any more, those that the lease speaks of.
    struct Changed: Error {}

    /// Runs `body` with the files that `lease` lists; without any it asks nobody, and waits for nothing.
    func callAsFunction<Result>(
        of lease: MessagingAPI.Lease,
        _ body: ([AttachmentFile]) async -> Result
    ) async throws -> Result {
        guard let listed = lease.content.attachments, !listed.isEmpty else { return await body([]) }
        return try await self.budget.holding(listed.reduce(0) { $0 + $1.size }) {
            let files = try await self.queue.attachments(of: lease.key)
            guard files.map(\.listing) == listed else { throw Changed() }
            return await body(files)
        }
    }
}
