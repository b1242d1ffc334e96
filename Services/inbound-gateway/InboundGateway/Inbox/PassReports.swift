import Foundation
import InternalAPI
import Shared

/// Passes on to messaging-service what providers said about messages of ours.
struct PassReports: PassEvents {
    /// What one call takes.
    static let limit = 1000

    let messaging: any MessagingClient

    func callAsFunction(_ events: [ClaimedEvent]) async -> [PassVerdict] {
        await decoded(events, as: ProviderReport.self) { events in
            let reports = events.map { event, report in
                MessagingAPI.AccountReport(orgID: event.orgID, accountID: event.accountID, report: report)
            }
            return await passOn(reports, atMost: Self.limit) { reports in
                // Whatever the effect: a report that no message is known by is kept there until one is.
                let effects = try await self.messaging.apply(reports)
                guard effects.count == reports.count else { throw Problem.unavailable("messaging-service") }
            }
        }
    }
}

/// One way to pass events on.
protocol PassEvents: Sendable {
    /// Never throws: what goes wrong is the verdict on the events it concerns.
    ///
    /// - Returns: one verdict for each event, in their order.
    func callAsFunction(_ events: [ClaimedEvent]) async -> [PassVerdict]
}

/// Reads the events' contents, and passes on those that can be read.
func decoded<Content: Decodable & Sendable>(
    _ events: [ClaimedEvent],
    as type: Content.Type,
    _ pass: ([(event: ClaimedEvent, content: Content)]) async -> [PassVerdict]
) async -> [PassVerdict] {
    var verdicts = [PassVerdict](repeating: .done, count: events.count)
    var readable: [(event: ClaimedEvent, content: Content)] = []
    var indices: [Int] = []
    for (index, event) in events.enumerated() {
        do {
            readable.append((event, try JSONDecoder().decode(type, from: Data(event.content.utf8))))
            indices.append(index)
        } catch {
            verdicts[index] = .refused("The stored event can not be read: \(error)")
        }
    }
    for (index, verdict) in zip(indices, await pass(readable)) { verdicts[index] = verdict }
    return verdicts
}
