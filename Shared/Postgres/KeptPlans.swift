/// Whether Postgres keeps the plans of a transaction's statements.
package enum Plans: Sendable {
    /// Each is planned for its values: for statements whose conditions depend on them, and for those that run seldom.
    case fresh
    /// Kept by the session, and renewed from time to time: for statements that look rows up by keys or walk one index, whatever
    /// their values. Planning takes them two thirds of their time.
    case kept

    /// Has the rest of a transaction planned so.
    var setting: SQL {
        switch self {
        case .fresh: "SET LOCAL plan_cache_mode = force_custom_plan"
        case .kept: "SET LOCAL plan_cache_mode = force_generic_plan"
        }
    }
}

/// When the plans that a session keeps are made anew.
///
/// A plan is as good as what the tables held when it was made: of an empty one any index is as good as another, and the plan
/// made then may read a whole organization for each row a second later. So plans are made anew at growing intervals; and soon
/// after a transaction that took long, as by a bad plan.
struct KeptPlans: Equatable {
    static let firstAge: Duration = .milliseconds(250)
    static let lastAge: Duration = .seconds(60)
    /// What a transaction takes at most whose plans are beyond doubt.
    static let doubtful: Duration = .milliseconds(50)
    /// How long plans are kept that are doubted: what takes long may have other reasons.
    static let doubtedAge: Duration = .seconds(5)

    private var madeAt: Duration?
    private var age = Self.firstAge
    private var areDoubted = false

    /// Whether the plans are to be made anew `now`, by a clock that never goes back; then takes it that they are.
    mutating func renew(at now: Duration) -> Bool {
        guard let madeAt else {
            // The session's first: there are none yet.
            self.madeAt = now
            return false
        }
        let age = self.areDoubted ? min(self.age, Self.doubtedAge) : self.age
        guard now - madeAt >= age else { return false }
        self.madeAt = now
        self.age = min(self.age * 2, Self.lastAge)
        self.areDoubted = false
        return true
    }

    /// Takes in how long a transaction took with them.
    mutating func served(for duration: Duration) {
        if duration > Self.doubtful { self.doubt() }
    }

    /// Has them made anew soon.
    mutating func doubt() { self.areDoubted = true }
}
