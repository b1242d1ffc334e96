import InternalAPI
import MessagingService
import Shared

@testable import MessagingService

/// What `ProviderEventStore` and the statements of `LookUpFindings` do.
extension Tables {
    /// `ProviderEventStore.references`, for one report.
    func reference(of report: MessagingAPI.AccountReport) -> AttemptReference? {
        let account = report.accountID.index
        if let echoed = report.report.reference, self.messages.indices.contains(echoed.messageID.index),
            let message = self.messages[echoed.messageID.index], self.account(of: message) == account
        {
            let latest = max(message.lastAttempt, self.rows[echoed.messageID.index]?.epoch ?? 0)
            if (1...max(latest, 1)).contains(echoed.number), latest > 0 { return echoed }
        }
        guard let id = report.report.providerMessageID else { return nil }
        for index in self.messages.indices {
            guard let message = self.messages[index], self.account(of: message) == account else { continue }
            for attempt in self.attempts[index] where attempt.providerMessageID == id {
                return AttemptReference(messageID: Names.message(index), number: attempt.number)
            }
        }
        return nil
    }

    /// The first id that is not known to be another attempt's.
    func unclaimed(_ ids: [String], of attempt: MessagingAPI.AttemptKey) -> String? {
        let asked = attempt.reference
        guard let message = self.messages[asked.messageID.index] else { return ids.first }
        let account = self.account(of: message)
        return ids.first { id in
            !self.messages.indices.contains { index in
                guard let other = self.messages[index], self.account(of: other) == account else { return false }
                return self.attempts[index].contains { attempt in
                    attempt.providerMessageID == id
                        && (index != asked.messageID.index || attempt.number != asked.number)
                }
            }
        }
    }

    /// Counts answers without the message; true when there were enough of them.
    mutating func count(_ answers: Int, _ finding: MessagingAPI.LookUpFinding, enough: Int, now: Timestamp) -> Bool {
        let attempt = finding.attempt
        let index = attempt.reference.messageID.index
        guard var row = self.rows[index], row.state == .uncertain, row.epoch == attempt.reference.number,
            row.checks == finding.checks
        else {
            return false
        }
        row.checks += answers
        let next = now + LookUpFindings.interval
        row.dueAt = min(row.holdUntil ?? next, next)
        self.rows[index] = row
        return row.checks >= enough
    }

    /// Overwrites what is known of an attempt.
    mutating func set(_ state: AttemptState, of reference: AttemptReference) {
        let message = reference.messageID.index
        guard let place = self.attempts[message].firstIndex(where: { $0.number == reference.number }) else { return }
        self.attempts[message][place].state = state
    }

    /// What is leased, and fulfils a condition.
    func leased(where isMeant: (QueueRow.Lease) -> Bool) -> [MessagingAPI.AttemptKey] {
        self.attempts { $0.state == .leased && ($0.lease.map(isMeant) ?? false) }
    }

    /// The latest attempts of the rows that fulfil a condition.
    func attempts(where isMeant: (QueueRow) -> Bool) -> [MessagingAPI.AttemptKey] {
        self.rows.compactMap { row in
            guard let row, isMeant(row) else { return nil }
            return MessagingAPI.AttemptKey(
                orgID: Names.org,
                reference: AttemptReference(messageID: row.key.id, number: row.epoch)
            )
        }
    }
}
