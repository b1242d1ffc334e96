import Batching
import Shared

/// Where creates wait for their transaction.
///
/// The organizations take turns; of more than may wait, the newest of whoever has most is refused.
struct Creations: Sendable {
    /// Creates of messages with files that wait, each in memory with its files.
    static let waitingWithFiles = 16

    private let withoutFiles: Coalescer<CreateRequest, CreateAnswer>
    /// Each by itself, and so few at a time that memory and the other messages' commits do not feel them.
    private let withFiles: Coalescer<CreateRequest, CreateAnswer>

    /// - Parameters:
    ///   - config: how many are written together.
    ///   - create: writes some in one transaction, and returns one answer for each in their order.
    init(_ config: EngineConfig, create: @escaping Coalescer<CreateRequest, CreateAnswer>.Run) {
        self.withoutFiles = Coalescer(
            maximumBatch: config.createBatch,
            maximumConcurrentBatches: config.createBatches,
            waitingLimit: EngineConfig.waitingCreates,
            lane: { $0.orgID.hashValue },
            run: create
        )
        self.withFiles = Coalescer(
            maximumBatch: 1,
            maximumConcurrentBatches: 2,
            waitingLimit: Self.waitingWithFiles,
            lane: { $0.orgID.hashValue },
            run: create
        )
    }

    /// Waits for the answer to `request`.
    ///
    /// - Throws: `CoalescerFailure.full` when it may not wait, or what is wrong with it.
    func submit(_ request: CreateRequest) async throws -> CreateAnswer {
        let queue = request.message.attachments.isEmpty ? self.withoutFiles : self.withFiles
        return try await queue.submit(request)
    }

    /// Waits for the answers to several without files, which are written together.
    func submit(withoutFiles requests: [CreateRequest]) async -> [Result<CreateAnswer, any Error>] {
        await self.withoutFiles.submit(contentsOf: requests)
    }
}
