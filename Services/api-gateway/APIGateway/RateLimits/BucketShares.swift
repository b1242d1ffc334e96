package import Logging
import ServiceLifecycle
import Shared
import Synchronization

/// This gateway's shares of all buckets: requests are paid out of them, without a question to the database.
///
/// Every token comes out of the one bucket in the database, in blocks, so that any number of gateways together let through
/// what the limit says and no more; only what they hold, `BucketShare.block` and a half each, may come in a burst on top of
/// a bucket that has filled since. Blocks that nobody uses go back after a second or two, and at shutdown.
package final class BucketShares: Service {
    package typealias Take = @Sendable (_ count: Int, _ owner: BucketOwner, _ limit: RateLimit) async throws -> Grant
    package typealias GiveBack = @Sendable ([(owner: BucketOwner, time: Duration)]) async throws -> Void

    /// After which a share that nobody uses goes back, and between two looks for such.
    package static let idleTime: Duration = .seconds(1)
    /// Buckets in one transaction.
    private static let mostAtOnce = 500

    private struct Entry {
        var share = BucketShare()
        var limit: RateLimit
        var asking: (number: UInt64, task: Task<Void, any Error>)?
        /// Tokens that requests wait for.
        var wanted = 0
    }

    private struct State {
        var entries: [BucketOwner: Entry] = [:]
        var asked: UInt64 = 0
    }

    private enum Step {
        case paid
        case refused(Duration)
        case wait(Task<Void, any Error>)
    }

    private let state = Mutex(State())
    private let instant: @Sendable () -> ContinuousClock.Instant
    private let clock: any Clock<Duration>
    private let logger: Logger
    private let take: Take
    private let giveBack: GiveBack

    package init(
        instant: @escaping @Sendable () -> ContinuousClock.Instant,
        clock: any Clock<Duration>,
        logger: Logger,
        take: @escaping Take,
        giveBack: @escaping GiveBack
    ) {
        self.instant = instant
        self.clock = clock
        self.logger = logger
        self.take = take
        self.giveBack = giveBack
    }

    /// Pays for a request.
    ///
    /// - Returns: nil when it is paid for; else after which time it may be.
    /// - Throws: what the database throws, when no token is held.
    package func pay(_ cost: Int, from owner: BucketOwner, _ limit: RateLimit) async throws -> Duration? {
        while true {
            switch self.step(cost, owner, limit) {
            case .paid: return nil
            case .refused(let wait): return wait
            case .wait(let task): try await task.value
            }
            try Task.checkCancellation()
        }
    }

    package func refund(_ cost: Int, to owner: BucketOwner) {
        self.state.withLock { $0.entries[owner]?.share.refund(cost) }
    }

    /// Tokens that are left, as far as this gateway knows.
    package func remaining(of owner: BucketOwner, _ limit: RateLimit) -> Int {
        let now = self.instant()
        return self.state.withLock { $0.entries[owner]?.share.remaining(limit, at: now) ?? limit.burst }
    }

    private func step(_ cost: Int, _ owner: BucketOwner, _ limit: RateLimit) -> Step {
        let now = self.instant()
        return self.state.withLock { state in
            var entry = state.entries[owner] ?? Entry(limit: limit)
            entry.limit = limit
            defer { state.entries[owner] = entry }
            switch entry.share.pay(cost, limit, at: now) {
            case .paid(nil): return .paid
            case .paid(let count?):
                _ = self.ask(count, owner, &entry, &state.asked)
                return .paid
            case .refused(let wait): return .refused(wait)
            case .ask(let count):
                entry.wanted += cost
                return .wait(self.ask(max(count, entry.wanted), owner, &entry, &state.asked))
            }
        }
    }

    /// One question at a time for each bucket; detached, because it belongs to all who wait for it.
    private func ask(
        _ count: Int,
        _ owner: BucketOwner,
        _ entry: inout Entry,
        _ asked: inout UInt64
    ) -> Task<Void, any Error> {
        if let asking = entry.asking { return asking.task }
        let limit = entry.limit
        let count = min(count, limit.burst)
        asked += 1
        let number = asked
        let task = Task.detached {
            let result: Result<Grant, any Error>
            do {
                result = .success(try await self.take(count, owner, limit))
            } catch {
                result = .failure(error)
            }
            try self.finish(owner, number, count, limit, result)
        }
        entry.asking = (number, task)
        entry.wanted = 0
        return task
    }

    private func finish(
        _ owner: BucketOwner,
        _ number: UInt64,
        _ count: Int,
        _ limit: RateLimit,
        _ result: Result<Grant, any Error>
    ) throws {
        let now = self.instant()
        try self.state.withLock { state in
            guard state.entries[owner]?.asking?.number == number else { return }
            state.entries[owner]?.asking = nil
            state.entries[owner]?.share.receive(try result.get(), asked: count, limit, at: now)
        }
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while (try? await self.clock.sleep(for: Self.idleTime)) != nil { await self.retire() }
        }
        // Nobody uses them any more.
        await self.retire(after: .zero)
    }

    /// Gives back what was not used for a while.
    package func retire(after idle: Duration = idleTime) async {
        let now = self.instant()
        let retired = self.state.withLock { state in
            var retired: [(owner: BucketOwner, time: Duration)] = []
            for (owner, entry) in state.entries where entry.asking == nil {
                guard let count = state.entries[owner]?.share.retire(after: idle, at: now) else { continue }
                state.entries[owner] = nil
                if count > 0 { retired.append((owner, TokenBucket.time(toFill: count, entry.limit))) }
            }
            return retired
        }
        for start in stride(from: 0, to: retired.count, by: Self.mostAtOnce) {
            do {
                try await self.giveBack(Array(retired[start..<min(start + Self.mostAtOnce, retired.count)]))
            } catch {
                // They are lost for the time it takes to fill the bucket, a tenth of a second.
                self.logger.warning("shares of limits not given back", metadata: ["error": "\(error)"])
            }
        }
    }
}
