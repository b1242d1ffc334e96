import Batching
import HTTPService
import InternalAPI
import Logging
import NIOCore
import NIOHTTP1
import Shared

/// Passes on single creates that come at the same time together: a hop costs more than what it carries.
///
/// While few are under way each goes by itself, at once. What comes while many are goes with the next call, so the busier it is, the
/// fewer hops a create takes. Organizations take turns, and where more would wait than may, it is the one with most that is told to
/// come again: who floods a gateway waits for themselves.
package struct GatherCreates: Sendable {
    /// Calls under way, above which creates are gathered.
    private static let calls = 4
    /// When four came with a call, the next one waits until no more come for a millisecond.
    ///
    /// What it takes to make one batch is what twenty creates in it take. Who sends a hundred a second does not meet this.
    private static let pause = GatheringPause(from: 4, turn: .milliseconds(1), turns: 6, runs: 2)
    /// Creates that wait for a call; of more some are answered 503, sooner than they could be made: a thousand take about a second.
    package static let waiting = 1000

    private let gathered: Coalescer<GatheredCreate, InternalAnswer>
    private let crowding = CrowdingCallers()
    private let logger: Logger

    /// Creates that wait for a call.
    var waitingCount: Int { self.gathered.waitingCount }

    /// Refuses at the door what would be refused here, before anything is done for it, of whoever was refused here before; whatever
    /// their limits.
    var shedding: Shedding {
        Shedding(.POST, "/api/v1/messages", mostBodyBytes: GatheredCreate.mostBodyBytes) {
            [gathered = self.gathered, crowding = self.crowding] head in
            guard gathered.isFull, let authorization = head.headers.first(name: "authorization"),
                let lane = crowding.lane(of: authorization)
            else { return false }
            return gathered.isFull(for: lane)
        }
    }

    init(messaging: MessagingAPI, deadline: Duration, waiting: Int, logger: Logger) {
        self.logger = logger
        self.gathered = Coalescer(
            maximumBatch: GatheredCreate.most,
            maximumConcurrentBatches: Self.calls,
            waitingLimit: waiting,
            pause: Self.pause,
            lane: { Self.lane(of: $0.acting.orgID) }
        ) { creates in
            do {
                return try await messaging.create(creates, deadline: deadline).map { .success($0) }
            } catch {
                return creates.map { _ in .failure(error) }
            }
        }
    }

    /// - Parameters:
    ///   - request: a create.
    ///   - acting: who makes it.
    ///   - authorization: what they authorized themselves with, where that is their organization's own.
    ///   - alone: passes it on by itself.
    /// - Throws: `Problem.unavailable` where nobody answers; `Overload` when too many wait; what `alone` throws.
    /// - Returns: the answer to this one.
    func callAsFunction(
        _ request: InternalClient.ForwardedRequest,
        as acting: Acting,
        authorization: String?,
        alone: () async throws -> InternalAnswer
    ) async throws -> InternalAnswer {
        guard request.query == nil, let body = request.body, body.readableBytes <= GatheredCreate.mostBodyBytes,
            request.contentType.map({ $0 == "application/json" }) ?? true, let trace = RequestTrace.current
        else { return try await alone() }
        let create = GatheredCreate(
            acting: acting,
            trace: trace,
            idempotencyKey: request.idempotencyKey,
            body: body
        )
        do {
            return try await self.gathered.submit(create, alone: alone)
        } catch CoalescerFailure.full {
            self.note(authorization, of: acting.orgID)
            throw Overload()
        }
    }

    /// Says once a minute for each key what the door then says nothing about.
    private func note(_ authorization: String?, of orgID: OrgID) {
        guard let authorization, self.crowding.add(authorization, in: Self.lane(of: orgID)) else { return }
        self.logger.warning(
            "creates are refused: more come than can be made, and this organization has most that wait",
            metadata: ["org.id": "\(orgID)"]
        )
    }

    private static func lane(of orgID: OrgID) -> Int { orgID.hashValue }
}
