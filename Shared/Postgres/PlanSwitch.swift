/// Lets Postgres keep plans while some statements run, where the session keeps none.
///
/// A setting of the transaction, so that an error undoes it with all else.
enum PlanSwitch {
    private static let keep: SQL = "SET LOCAL plan_cache_mode = force_generic_plan"
    private static let forget: SQL = "SET LOCAL plan_cache_mode = DEFAULT"

    /// `statements` in their order, and between them what switches; `isAsked` tells those that were given.
    static func around(_ statements: [SQL]) -> [(sql: SQL, isAsked: Bool)] {
        var result: [(sql: SQL, isAsked: Bool)] = []
        result.reserveCapacity(statements.count + 4)
        var isKeeping = false
        for sql in statements {
            if sql.keepsPlans != isKeeping { result.append((sql.keepsPlans ? self.keep : self.forget, false)) }
            isKeeping = sql.keepsPlans
            result.append((sql, true))
        }
        if isKeeping { result.append((self.forget, false)) }
        return result
    }
}
