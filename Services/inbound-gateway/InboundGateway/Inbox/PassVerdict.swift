import Shared

/// What became of one try to pass an event on.
enum PassVerdict: Sendable, Equatable {
    /// The services have it, whatever they made of it.
    case done
    /// A service answered, and does not want it.
    case refused(String)
    /// Nobody knows: no answer, or one that is not about the event.
    case unavailable(String)
}

/// Makes a call about many items, and says of each what came of it.
///
/// A refused call is halved until the refusal is about one item: it must not cost its neighbours anything.
func passOn<Item: Sendable>(
    _ items: [Item],
    atMost limit: Int,
    _ call: @Sendable ([Item]) async throws -> Void
) async -> [PassVerdict] {
    var verdicts: [PassVerdict] = []
    for start in stride(from: 0, to: items.count, by: limit) {
        verdicts += await passOn(Array(items[start..<min(start + limit, items.count)]), call)
    }
    return verdicts
}

private func passOn<Item: Sendable>(
    _ items: [Item],
    _ call: @Sendable ([Item]) async throws -> Void
) async -> [PassVerdict] {
    do {
        try await call(items)
        return items.map { _ in .done }
    } catch let problem as Problem where problem.isAboutTheRequest {
        guard items.count > 1 else { return [.refused("\(problem.status) \(problem.code): \(problem.title)")] }
        let middle = items.count / 2
        return await passOn(Array(items[..<middle]), call) + passOn(Array(items[middle...]), call)
    } catch {
        return items.map { _ in .unavailable("\(error)") }
    }
}

extension Problem {
    /// Whether another request could fare better at the same moment.
    ///
    /// Anything else (no answer, overload, a token it does not take, a route it does not have) befalls every request.
    fileprivate var isAboutTheRequest: Bool { [400, 409, 413, 422, 500].contains(self.status) }
}
