/// Lets through what the queue has room for.
final class Gate: Sendable {
    /// Between two looks at what the provider has taken.
    static let look = Duration.milliseconds(20)
    private static let pause = Duration.milliseconds(2)

    private let deliveries: Deliveries
    private let before: Int
    private let longest: Int
    private let created = SharedCounter()

    /// - Parameters:
    ///   - deliveries: what the provider takes.
    ///   - before: what it had taken when the queue was empty.
    ///   - longest: messages that the queue may have.
    init(deliveries: Deliveries, before: Int, longest: Int) {
        self.deliveries = deliveries
        self.before = before
        self.longest = longest
    }

    /// Waits until there is room for what is about to be created.
    func pass(_ messages: Int) async {
        self.created.add(messages)
        while self.created.current - (self.deliveries.accepted - self.before) > self.longest, !Task.isCancelled {
            try? await Task.sleep(for: Self.pause)
        }
    }
}

/// Creates as soon as the queue has room for it.
struct Gated<Create: LoadRequest>: LoadRequest {
    private let create: Create
    private let gate: Gate
    private let size: Int

    /// Of calls that create `size` messages each.
    init(_ create: Create, of size: Int = 1, by gate: Gate) {
        self.create = create
        self.gate = gate
        self.size = size
    }

    func callAsFunction(_ number: Int) async throws(LoadFailure) -> LoadAnswer {
        await self.gate.pass(self.size)
        return try await self.create(number)
    }
}
