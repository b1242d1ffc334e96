import Synchronization

/// Posts webhooks at a steady rate, whatever becomes of those before.
struct WebhookRun: Sendable {
    struct Tally: Sendable {
        /// From the moment at which a webhook was to be sent until its whole answer: one that waits for a connection is late too.
        var latencies = Samples()
        var outcomes = Outcomes()
        /// The messages that were acknowledged, of the warm-up too.
        var messages: Set<Int> = []
    }

    private static let path = "/webhooks/whatsapp"

    let client: LoadClient
    let payloads: WebhookPayloads
    /// From one webhook to the next.
    let interval: Duration
    /// Events of each.
    let batch: Int
    let warmUp: Duration
    let measured: Duration

    func callAsFunction() async -> Tally {
        let tally = SharedTally()
        let start = ContinuousClock.now + .milliseconds(100)
        let count = Int((self.warmUp + self.measured) / self.interval)
        await withDiscardingTaskGroup { group in
            for number in 0..<count {
                let time = start + self.interval * number
                try? await Task.sleep(until: time, tolerance: .zero, clock: .continuous)
                let isMeasured = time >= start + self.warmUp
                group.addTask { [self] in
                    let payload = self.payloads.payload(number * self.batch..<(number + 1) * self.batch)
                    let answer = await self.post(payload)
                    tally.add(answer, to: payload, after: ContinuousClock.now - time, isMeasured: isMeasured)
                }
            }
        }
        return tally.value
    }

    private func post(_ payload: WebhookPayloads.Payload) async -> Result<LoadAnswer, LoadFailure> {
        do throws(LoadFailure) {
            return .success(try await self.client.post(Self.path, payload.body, signature: payload.signature))
        } catch {
            return .failure(error)
        }
    }
}

/// What all webhooks of a run add to.
private final class SharedTally: Sendable {
    private let tally = Mutex(WebhookRun.Tally())

    var value: WebhookRun.Tally { self.tally.withLock(\.self) }

    func add(
        _ answer: Result<LoadAnswer, LoadFailure>,
        to payload: WebhookPayloads.Payload,
        after latency: Duration,
        isMeasured: Bool
    ) {
        self.tally.withLock { tally in
            switch answer {
            case .success(let answer):
                if answer.status == 200 { tally.messages.formUnion(payload.messages) }
                guard isMeasured else { return }
                tally.outcomes.count(answer, expected: 200)
                if answer.status == 200 { tally.latencies.append(latency) }
            case .failure(let failure):
                if isMeasured { tally.outcomes.count(failure) }
            }
        }
    }
}
