import InternalAPI
import MessagingService
import Shared

@testable import MessagingService

/// `ApplyReports`: what providers said, once for each event.
extension Service {
    func reports(_ reports: [MessagingAPI.AccountReport], _ reply: @escaping Reply<Void>) {
        do {
            try self.database.transaction(.reports) { tables in self.apply(reports, in: &tables) }
            reply(.success(()))
        } catch {
            reply(.failure(.unavailable))
        }
    }

    private func apply(_ reports: [MessagingAPI.AccountReport], in tables: inout Tables) {
        var known = tables.reports
        var events: [AttemptEvent] = []
        var keys: [String] = []
        for report in reports where known[report.report.eventKey] == nil {
            let key = report.report.eventKey
            known[key] = .unmatched
            guard let reference = tables.reference(of: report), let event = DeliveryEvent(report.report) else {
                continue
            }
            let isFirst = !tables.attempts[reference.messageID.index].contains { $0.number == reference.number }
            if isFirst, self.world.has(.earlyReportDropped) { continue }
            keys.append(key)
            events.append(
                AttemptEvent(orgID: report.orgID, reference: reference, event: event, source: .provider(eventKey: key))
            )
        }
        for (key, effect) in zip(keys, self.settle(events, in: &tables)) {
            known[key] = effect.isApplied ? .applied : .ignored
        }
        tables.reports = known
        guard self.world.has(.lastWordWins) else { return }
        for event in events { tables.set(event.event.attemptState, of: event.reference) }
    }
}
