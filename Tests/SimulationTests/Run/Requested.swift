import Foundation

/// What whoever runs the tests wants of the simulation.
///
/// - `HERALD_SIM_SEED` (integer): this schedule alone, with all that happens in it.
/// - `HERALD_SIM_COUNT` (integer, default 10,000): how many schedules.
enum Requested {
    private static let environment = ProcessInfo.processInfo.environment

    static let seed = environment["HERALD_SIM_SEED"].flatMap(UInt64.init)
    static let count = environment["HERALD_SIM_COUNT"].flatMap(UInt64.init) ?? 10_000
}
