import HTTPService
import Hummingbird
import Shared

/// Routes under `/internal/clock`: the clock of a sandbox organization.
struct ClockRoutes: Sendable {
    let advanceClock: AdvanceClock

    func add(to router: some RouterMethods<OrgRequestContext>) {
        router.get("/internal/clock", use: self.show)
        router.post("/internal/clock/advance", use: self.advance)
    }

    /// Shows the time by the organization's clock.
    ///
    /// - Errors: 409 `not-a-sandbox`.
    @Sendable private func show(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        RawJSON(try await self.advanceClock.read(context.orgID).json)
    }

    /// Moves the clock forward, and lets happen what becomes due on the way: 200 with the time.
    ///
    /// - Errors: 409 `not-a-sandbox`, 422 `invalid-request`, `clock-target-invalid`, 503 `clock-stuck`.
    @Sendable private func advance(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        var fields = JSONFields(try await request.strictJSON(), at: "")
        let text = fields.string("by", 2...40)
        let time = fields.timestamp("to")
        let duration = text.flatMap { Duration(spans: $0) }
        if text != nil, duration == nil {
            fields.violation(at: "by", "must be a duration like \"90s\", \"5m\" or \"7h21m\", of a year at most")
        }
        if (text == nil) == (time == nil) { fields.violation(at: "by", "or to is required, and only one of them") }
        try fields.finish()
        let target: AdvanceClock.Target = duration.map { .by($0) } ?? .to(time ?? .epoch)
        let reading = try await self.advanceClock(target, for: context.acting, requestID: context.id)
        return RawJSON(reading.json)
    }
}

extension Duration {
    /// Reads one or several of `7d`, `7h`, `21m`, `30s`, `500ms`, one after the other; a year at most.
    init?(spans text: String) {
        let units: [(String, Int64)] = [("ms", 1), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000)]
        var (rest, total) = (text[...], Int64(0))
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(digits.count)
            guard digits.count <= 12, let count = Int64(digits),
                let (unit, factor) = units.first(where: { rest.hasPrefix($0.0) })
            else {
                return nil
            }
            rest = rest.dropFirst(unit.count)
            let (product, overflow) = count.multipliedReportingOverflow(by: factor)
            guard !overflow, product <= 31_622_400_000, total + product <= 31_622_400_000 else { return nil }
            total += product
        }
        self = .milliseconds(total)
    }
}
