extension RetryPolicy {
    /// Reads `{"preset"}`, `{"delays": ["10s", …]}` or `{"max_retries"}`, which also cuts the others short.
    package init(_ fields: inout JSONFields) {
        let preset = fields.oneOf("preset", Preset.self)
        let texts = fields.strings("delays", 0...Self.maximumDelays, 2...10)
        let maximum = fields.int("max_retries", 0...5)
        if preset != nil, texts != nil {
            fields.violation(at: "delays", "can not stand beside preset")
        }
        var policy = preset?.policy ?? Preset.outbox.policy
        if let texts {
            policy = RetryPolicy(delays: texts.compactMap(Duration.init(delay:)))
            if policy.delays.count != texts.count {
                fields.violation(at: "delays", "must be durations up to 7 days, like \"10s\", \"5m\" or \"1h\"")
            }
        }
        self = maximum.map { policy.limited(to: $0) } ?? policy
    }
}

extension Duration {
    /// Reads `500ms`, `10s`, `5m`, `1h`, `1d`; at most 7 days.
    fileprivate init?(delay text: String) {
        let units: [(String, Int64)] = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)]
        guard let (unit, milliseconds) = units.first(where: { text.hasSuffix($0.0) }),
            text.utf8.first.map({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) ?? false,
            let count = Int64(text.dropLast(unit.count)), count <= 604_800_000 / milliseconds
        else { return nil }
        self = .milliseconds(count * milliseconds)
    }
}
