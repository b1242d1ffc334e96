/// Creates messages at a steady rate, whatever becomes of those before.
struct SteadyCreates: Sendable {
    let create: CreateMessage
    let perSecond: Int

    func callAsFunction(_ stretch: Duration, from first: Int) async -> Tally {
        let loop = OpenLoop(
            perSecond: Double(self.perSecond),
            expected: CreateMessage.created,
            measured: stretch
        )
        return await loop(self.create, from: first)
    }
}
