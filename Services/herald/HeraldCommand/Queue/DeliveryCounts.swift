import Shared

/// How many messages of each channel have come how far, at one moment.
struct DeliveryCounts: Equatable {
    struct Channel: Equatable {
        /// With the provider, or further.
        var sent = 0
        var delivered = 0
        var failed = 0
    }

    private(set) var channels: [String: Channel] = [:]

    /// Reads `{"data": [{"channel", "status", "count"}]}`; nil when it is something else.
    init?(_ statistics: JSONValue?) {
        guard let rows = statistics?["data"]?.array else { return nil }
        for row in rows {
            guard let channel = row["channel"]?.string, let count = row["count"]?.int else { return nil }
            self.channels[channel, default: Channel()].add(count, with: row["status"]?.string ?? "")
        }
    }

    /// What happened between an earlier look and this one, which is `time` later.
    func rates(since earlier: DeliveryCounts, over time: Duration) -> [DeliveryRate] {
        self.channels.sorted { $0.key < $1.key }.map { name, channel in
            let before = earlier.channels[name] ?? Channel()
            return DeliveryRate(
                channel: name,
                sent: Self.rate(channel.sent - before.sent, over: time),
                delivered: Self.rate(channel.delivered - before.delivered, over: time),
                failed: Self.rate(channel.failed - before.failed, over: time)
            )
        }
    }

    /// In thousandths of a message per second; messages that were deleted or tried again do not count below nothing.
    private static func rate(_ count: Int, over time: Duration) -> Int {
        max(count, 0) * 1_000_000 / max(Int(time.milliseconds), 1)
    }
}

extension DeliveryCounts.Channel {
    fileprivate mutating func add(_ count: Int, with status: String) {
        switch MessageStatus(rawValue: status) {
        case .sent: self.sent += count
        case .delivered, .read:
            self.sent += count
            self.delivered += count
        case .failed: self.failed += count
        case .scheduled, .queued, .sending, .uncertain, .skipped, .cancelled, .expired, nil: break
        }
    }
}
