import Foundation

/// Creates in a closed loop while nothing is sent, as P1 has it: complete path, with idempotency keys.
struct MeasureCreates: Sendable {
    static let connections = 32

    struct Result: Sendable {
        let perSecond: Double
        let tally: Tally
    }

    let lab: Lab
    let tenant: Tenant
    let warmUp: Duration
    let measured: Duration

    init(_ lab: Lab, _ tenant: Tenant, full: Duration = .seconds(20), short: Duration = .seconds(2)) {
        self.lab = lab
        self.tenant = tenant
        self.warmUp = lab.sizes.form.value(full: .seconds(3), short: .seconds(1))
        self.measured = lab.sizes.form.value(full: full, short: short)
    }

    /// What is created stays in the queue when the caller has paused it.
    func callAsFunction() async throws -> Result {
        let loop = ClosedLoop(connections: Self.connections, expected: CreateMessage.created)
        let tally = try await loop(.whatsApp(self.lab, self.tenant), warmUp: self.warmUp, measured: self.measured)
        return Result(perSecond: Double(tally.latencies.count) / (self.measured / .seconds(1)), tally: tally)
    }
}

extension LoadRequest where Self == CreateMessage {
    /// Messages to 100,000 recipients in turn, each with a key of its own.
    ///
    /// Each time to others: who is new costs more, and two measurements are to find the same.
    static func whatsApp(
        _ lab: Lab,
        _ tenant: Tenant,
        connections: Int = Lab.connections
    ) throws(LoadFailure) -> CreateMessage {
        var body = MessageBody(
            channel: .whatsapp,
            recipients: 100_000,
            text: "Your parcel arrives today between 14:00 and 16:00."
        )
        body.firstRecipient = self.blocks.take() * body.recipients
        return CreateMessage(
            client: try BareClient(lab.api.baseURL, key: tenant.key, connections: connections),
            body: body,
            keys: .unique(run: UUID().uuidString.lowercased())
        )
    }
}

extension CreateMessage {
    /// Recipients that were written to.
    fileprivate static let blocks = SharedCounter()
}
