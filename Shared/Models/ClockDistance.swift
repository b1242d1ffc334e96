/// How far another clock is from this machine's.
package enum ClockDistance {
    /// A clock that is further off makes logs, tokens and signatures misleading; nothing breaks below five minutes.
    package static let tolerance: Duration = .seconds(60)

    /// "50 min ahead of" or "2 h behind"; nil within the tolerance, and as far as the time of the question explains it.
    package static func text(of theirs: Timestamp, askedFrom before: Timestamp, to after: Timestamp) -> String? {
        let (ahead, behind) = (theirs - after, before - theirs)
        let (distance, word) = ahead > behind ? (ahead, "ahead of") : (behind, "behind")
        guard distance > self.tolerance else { return nil }
        let minutes = distance.microseconds / 60_000_000
        return "\(minutes < 120 ? "\(minutes) min" : "\(minutes / 60) h") \(word)"
    }
}
