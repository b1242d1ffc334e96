import Synchronization

/// Posts webhooks at a steady rate, whatever becomes of those before.
struct WebhookRun: Sendable {
    struct Result: Sendable {
        let tally: Tally
        /// The messages that were acknowledged, of the warm-up too.
        let messages: Set<Int>
    }

    let client: LoadClient
    let payloads: WebhookPayloads
    let webhooksPerSecond: Double
    /// Events of each.
    let batch: Int
    let warmUp: Duration
    let measured: Duration

    func callAsFunction() async -> Result {
        let post = PostWebhook(client: self.client, payloads: self.payloads, batch: self.batch)
        let loop = OpenLoop(
            perSecond: self.webhooksPerSecond,
            expected: PostWebhook.taken,
            warmUp: self.warmUp,
            measured: self.measured
        )
        let tally = await loop(post)
        return Result(tally: tally, messages: post.acknowledged.messages)
    }
}

/// Posts the webhook of a number.
struct PostWebhook: LoadRequest {
    static let path = "/webhooks/whatsapp"
    static let taken = 200

    let client: LoadClient
    let payloads: WebhookPayloads
    let batch: Int
    let acknowledged = AcknowledgedMessages()

    func callAsFunction(_ number: Int) async throws(LoadFailure) -> LoadAnswer {
        let payload = self.payloads.payload(number * self.batch..<(number + 1) * self.batch)
        let answer = try await self.client.post(Self.path, payload.body, signature: payload.signature)
        if answer.status == Self.taken { self.acknowledged.add(payload.messages) }
        return answer
    }
}

/// What all webhooks of a run add to.
final class AcknowledgedMessages: Sendable {
    private let numbers = Mutex<Set<Int>>([])

    var messages: Set<Int> { self.numbers.withLock(\.self) }

    func add(_ messages: [Int]) {
        self.numbers.withLock { $0.formUnion(messages) }
    }
}
