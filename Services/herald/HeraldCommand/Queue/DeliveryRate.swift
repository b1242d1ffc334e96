import Shared

/// How fast a channel is, in thousandths of a message per second.
struct DeliveryRate: Equatable {
    let channel: String
    let sent: Int
    let delivered: Int
    let failed: Int

    static let columns: [ResourceColumn] = [
        .member("channel"), .number("sent_per_second", title: "sent/s"),
        .number("delivered_per_second", title: "delivered/s"), .number("failed_per_second", title: "failed/s"),
    ]

    var json: JSONValue {
        [
            "channel": .string(self.channel), "sent_per_second": Self.perSecond(self.sent),
            "delivered_per_second": Self.perSecond(self.delivered), "failed_per_second": Self.perSecond(self.failed),
        ]
    }

    private static func perSecond(_ thousandths: Int) -> JSONValue {
        JSONNumber(Double(thousandths) / 1000).map { .number($0) } ?? .null
    }
}
