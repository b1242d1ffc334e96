import Postgres
import Shared

/// The statement on the table `unsent_messages`.
enum UnsentStore {
    /// Notes messages that end without being sent after a worker might have got them; nil when there is none.
    static func note(_ settlements: [Settlement]) -> SQL? {
        let unsent = settlements.filter(\.endsUnsent)
        guard !unsent.isEmpty else { return nil }
        return """
            INSERT INTO unsent_messages (org_id, message_id)
            SELECT * FROM unnest(\(unsent.map(\.stored.orgID))::uuid[], \(unsent.map(\.stored.id))::uuid[])
            ON CONFLICT (org_id, message_id) DO NOTHING
            """
    }
}

extension Settlement {
    /// Whether it was claimed before, so that it may be in its recipient's count, and will not be sent now.
    fileprivate var endsUnsent: Bool {
        guard self.stored.direction == .outbound, max(self.latestAttempt, self.stored.row?.epoch ?? 0) > 0 else {
            return false
        }
        switch self.status {
        case .failed, .skipped, .cancelled, .expired: return self.status != self.stored.status
        case .scheduled, .queued:
            // Deleted while it waited for another try.
            if case .remove = self.move { return true }
            return false
        case .sending, .uncertain, .sent, .delivered, .read: return false
        }
    }
}
