import Metrics
import Shared
import Telemetry

/// Counts messages that were accepted.
struct CreationMetrics: Sendable {
    private struct Kind: Hashable {
        let channel: Channel
        let category: Shared.Category
    }

    private let created = MetricFamily<Kind, Counter>("herald_messages_created_total") {
        [("channel", $0.channel.rawValue), ("priority", $0.category.rawValue)]
    }

    /// Those of `messages` that were written: the others repeat an earlier request.
    func created(_ messages: [PreparedMessage], in written: WrittenMessages) {
        for message in messages where written.newIDs.contains(message.id) {
            self.created[Kind(channel: message.channel, category: message.request.message.category)].increment()
        }
    }
}
