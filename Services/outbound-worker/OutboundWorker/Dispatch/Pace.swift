/// The least time from one call to messaging-service to the next of its kind.
///
/// It makes few large transactions out of many small ones: each costs messaging-service and its database milliseconds,
/// whether it carries one message or ten. Idle it costs nothing, because the call before is older than that.
enum Pace {
    /// Under load: a call that waited this long carries enough.
    static let busy: Duration = .milliseconds(5)
    /// While calls carry little, and most slots are free, so that nothing waits for one.
    static let calm: Duration = .milliseconds(20)
    /// The same of calls that tell how attempts ended: for one wait the next message of a conversation, and what is sent one at a
    /// time (suspects, and the probes of an account after an outage).
    static let calmTelling: Duration = .milliseconds(50)
    /// What is little.
    static let little = 64

    /// The least time after a call that carried `count`, by what is free of `slots`.
    static func after(_ count: Int, of slots: Slots) -> Duration {
        count < Self.little && slots.areMostlyFree ? Self.calm : Self.busy
    }
}
