import Foundation
import InternalAPI
import Shared
import Telemetry
import Tracing

/// Passes on to messaging-service what providers said about messages of ours.
struct PassReports: PassEvents {
    /// What one call takes.
    static let limit = 1000

    let messaging: any MessagingClient
    var now: @Sendable () -> Timestamp = { .now }

    func callAsFunction(_ events: [ClaimedEvent]) async -> [PassVerdict] {
        await decoded(events, as: ProviderReport.self) { events in
            let reports = events.map { event, report in
                (
                    event: event,
                    told: MessagingAPI.AccountReport(orgID: event.orgID, accountID: event.accountID, report: report)
                )
            }
            return await passOn(reports, atMost: Self.limit) { reports in
                // Whatever the effect: a report that no message is known by is kept there until one is.
                let answer = try await self.messaging.apply(reports.map(\.told))
                guard answer.effects.count == reports.count else { throw Problem.unavailable("messaging-service") }
                self.trace(reports.map(\.event), within: answer.traceParents ?? [])
            }
        }
    }
}

extension PassReports {
    /// Adds each webhook's way, from its arrival to its effect, to the trace of the message that it was about.
    private func trace(_ events: [ClaimedEvent], within traceParents: [String?]) {
        for (event, traceParent) in zip(events, traceParents) where traceParent != nil {
            Traces.note(
                "webhook",
                within: traceParent,
                from: event.arrivedAt,
                to: self.now(),
                ["herald.org.id": .string("\(event.orgID)"), "herald.provider": .string(event.provider.rawValue)],
                kind: .consumer
            )
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
