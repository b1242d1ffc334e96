package import Shared

/// Sends nothing: the recipient's address says how the attempt ends and what is reported about it.
///
/// It keeps no state. What a recipient does differently from attempt to attempt depends on the attempt's number alone.
package struct SandboxProvider: Provider {
    package typealias Report = @Sendable (OrgID, AccountID, ProviderReport) async -> Void

    private let report: Report
    private let clock: any Clock<Duration>
    private let spacing: Duration

    /// - Parameters:
    ///   - clock: waits between reports.
    ///   - spacing: before each report; the default usually lets the outcome be stored first, as it is with real providers.
    ///   - report: gets what a real provider would send by webhook, in order, after `send` returned.
    package init(
        clock: any Clock<Duration> = ContinuousClock(),
        spacing: Duration = .milliseconds(20),
        report: @escaping Report
    ) {
        self.report = report
        self.clock = clock
        self.spacing = spacing
    }

    package var kind: ProviderKind { .sandbox }

    package func send(_ message: OutboundMessage, before deadline: ContinuousClock.Instant) async -> SendOutcome {
        let id = "sandbox-\(message.reference)"
        let script = SandboxRecipient(message.to).script(attempt: message.reference.number, providerMessageID: id)
        if !script.reports.isEmpty {
            self.reportLater(script.reports, about: message, providerMessageID: id)
        }
        return script.outcome
    }

    /// Outlives the attempt, as a provider does.
    private func reportLater(
        _ statuses: [ProviderReport.Status],
        about message: OutboundMessage,
        providerMessageID: String
    ) {
        Task { [report, clock, spacing] in
            for status in statuses {
                guard (try? await clock.sleep(for: spacing)) != nil else { return }
                let event = ProviderReport(
                    eventKey: "\(providerMessageID):\(status.sandboxName)",
                    reference: message.reference,
                    providerMessageID: providerMessageID,
                    status: status,
                    occurredAt: .now
                )
                await report(message.orgID, message.accountID, event)
            }
        }
    }
}

extension ProviderReport.Status {
    fileprivate var sandboxName: String {
        switch self {
        case .sent: "sent"
        case .delivered: "delivered"
        case .read: "read"
        case .failed: "failed"
        case .note(let text): text
        }
    }
}
