package import Shared

/// Refuses what could not be done soon, so that what was taken is done: 503 `unavailable`.
///
/// No failure, and not logged as one: a line for each would cost as much as it saves. The metrics count them by their status.
package struct Overload: Error, ProblemConvertible {
    package var problem: Problem { .unavailable }

    package init() {}
}
