import InternalAPI

/// The work of messaging-service, as the worker sees it.
protocol DeliveryQueue: Sendable {
    /// Takes what is due, at most `slots` messages, and waits up to `wait` when nothing is.
    func lease(slots: Int, wait: Duration) async throws -> MessagingAPI.LeaseAnswer
    /// Tells what became of attempts; repeating it changes nothing.
    func report(_ outcomes: [MessagingAPI.AttemptOutcome]) async throws
    /// Passes on what the sandbox says about messages that it took; repeating it changes nothing.
    func apply(_ reports: [MessagingAPI.AccountReport]) async throws
    /// Says that the worker lives.
    func heartbeat() async throws
}
