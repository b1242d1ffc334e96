/// When a stored event is tried, and for how long.
///
/// Tests choose shorter times; a deployment has no reason to.
package struct InboxPolicy: Sendable {
    /// How long a webhook may wait for the effect of what it brought: providers give up after 10 to 15 s and Meta asks
    /// for an answer within a second or so; what is not done by then is done later.
    package var requestBudget: Duration = .seconds(2)
    /// How long an event belongs to who took it: longer than any call with its repetitions.
    package var lease: Duration = .seconds(15)
    /// How often the worker looks for what is due.
    package var pollInterval: Duration = .seconds(1)
    /// After a refusal.
    package var firstPause: Duration = .seconds(1)
    package var longestPause: Duration = .seconds(300)
    /// While a service is away: it hears of everything this long after it is back.
    package var longestOutagePause: Duration = .seconds(5)
    /// Refusals after which an event has failed: with these pauses, an hour after the first one.
    package var maximumRefusals = 20
    /// How often a gateway notes that it is there, and looks whether it was away.
    package var presenceInterval: Duration = .seconds(10)
    /// Before accounts that could not be asked for their past are asked again; doubled with each try.
    package var catchUpPause: Duration = .seconds(60)
    /// How long the inbox remembers: Meta repeats a webhook for 7 days.
    package var retention: Duration = .seconds(30 * 86_400)
    package var retentionInterval: Duration = .seconds(3600)
    /// How often what waits is measured.
    package var sampleInterval: Duration = .seconds(15)

    package init() {}

    /// The pause after a try that did not succeed: doubled with each, up to the longest.
    ///
    /// `attempt` is the try that just ended, counted from 1.
    func pause(afterAttempt attempt: Int) -> Duration {
        // 2^30 first pauses are longer than any longest pause, and do not overflow.
        min(self.longestPause, self.firstPause * (1 << min(max(attempt, 1) - 1, 30)))
    }

    /// The pause after a try, or several in a row, to which no service answered.
    func outagePause(afterFailures failures: Int) -> Duration {
        min(self.longestOutagePause, self.pause(afterAttempt: failures) / 2)
    }
}
