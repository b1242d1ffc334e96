import Shared

/// Looks at a queue again and again, and works out what was delivered in between.
struct QueueWatch<C: Clock<Duration>> {
    enum Reach {
        /// Of one organization: deliveries are counted for it.
        case org(countingSince: Timestamp)
        case platform
    }

    let client: APIClient
    let reach: Reach
    let clock: C
    private var last: (counts: DeliveryCounts, at: C.Instant)?

    init(client: APIClient, reach: Reach, clock: C) {
        self.client = client
        self.reach = reach
        self.clock = clock
    }

    mutating func look(at now: Timestamp) async throws -> QueueRound {
        let answer = try await self.client(.get("/api/v1/queue"))
        guard let queue = answer.json, queue["data"]?.array != nil else { throw self.client.foreign(answer) }
        return QueueRound(at: now, queue: queue, rates: try await self.rates())
    }

    private mutating func rates() async throws -> [DeliveryRate]? {
        guard case .org(let since) = self.reach else { return nil }
        let request = APIRequest.get("/api/v1/stats/deliveries", query: [("since", since.description)])
        let answer: APIAnswer
        do {
            answer = try await self.client(request)
        } catch let failure as CommandFailure where failure.mayPass {
            // The queue is worth showing without them.
            return nil
        }
        guard let counts = DeliveryCounts(answer.json) else { throw self.client.foreign(answer) }
        let now = self.clock.now
        defer { self.last = (counts, now) }
        return self.last.map { counts.rates(since: $0.counts, over: $0.at.duration(to: now)) }
    }
}
