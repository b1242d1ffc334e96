import Foundation
import InternalAPI
import Shared

/// Passes events on to messaging-service, and says of each what came of it.
struct ApplyReports: Sendable {
    /// What one call takes.
    static let limit = 1000

    let messaging: any MessagingClient

    /// Never throws: what goes wrong is the verdict on the events it concerns.
    ///
    /// - Returns: one verdict for each event, in their order.
    func callAsFunction(_ events: [ClaimedEvent]) async -> [ReportVerdict] {
        var verdicts = [ReportVerdict](repeating: .done, count: events.count)
        var reports: [(index: Int, report: MessagingAPI.AccountReport)] = []
        for (index, event) in events.enumerated() {
            do {
                let report = try JSONDecoder().decode(ProviderReport.self, from: Data(event.content.utf8))
                reports.append((index, .init(orgID: event.orgID, accountID: event.accountID, report: report)))
            } catch {
                verdicts[index] = .refused("The stored event can not be read: \(error)")
            }
        }
        for start in stride(from: 0, to: reports.count, by: Self.limit) {
            let part = Array(reports[start..<min(start + Self.limit, reports.count)])
            for (entry, verdict) in zip(part, await self.apply(part.map(\.report))) {
                verdicts[entry.index] = verdict
            }
        }
        return verdicts
    }

    /// A refused batch is halved until the refusal is about one event: it must not cost its neighbours anything.
    private func apply(_ reports: [MessagingAPI.AccountReport]) async -> [ReportVerdict] {
        do {
            let effects = try await self.messaging.apply(reports)
            guard effects.count == reports.count else {
                let error = "messaging-service gave \(effects.count) answers to \(reports.count) reports."
                return reports.map { _ in .unavailable(error) }
            }
            // Whatever the effect: a report that no message is known by is kept there until one is.
            return reports.map { _ in .done }
        } catch let problem as Problem where problem.isAboutTheRequest {
            guard reports.count > 1 else { return [.refused("\(problem.status) \(problem.code): \(problem.title)")] }
            let middle = reports.count / 2
            return await self.apply(Array(reports[..<middle])) + self.apply(Array(reports[middle...]))
        } catch {
            return reports.map { _ in .unavailable("\(error)") }
        }
    }
}

extension Problem {
    /// Whether another request could fare better at the same moment.
    ///
    /// Anything else (no answer, overload, a token it does not take, a route it does not have) befalls every request.
    fileprivate var isAboutTheRequest: Bool { [400, 409, 413, 422, 500].contains(self.status) }
}
