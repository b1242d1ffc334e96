package import Shared

/// The two clocks of this service, so that a test can move both.
package struct GatewayTime: Sendable {
    /// For ages in memory: a stepped wall clock must not make a revoked key live longer.
    package let instant: @Sendable () -> ContinuousClock.Instant
    /// For times that callers see and set, like a key's end.
    package let now: @Sendable () -> Timestamp

    package init(
        instant: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        now: @escaping @Sendable () -> Timestamp = { .now }
    ) {
        self.instant = instant
        self.now = now
    }
}
