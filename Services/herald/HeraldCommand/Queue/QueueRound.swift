import Shared

/// What the monitor has to show at one moment.
struct QueueRound {
    let at: Timestamp
    /// As the API answered it.
    let queue: JSONValue
    /// Nil as long as there are no two looks to compare.
    let rates: [DeliveryRate]?

    /// The queue's own members, with the time, the age of the oldest message that is due, and the rates.
    var json: JSONValue {
        var object: JSONObject = ["at": .string(self.at.description)]
        for member in self.queue.object?.members ?? [] { object[member.name] = member.value }
        let age = QueueText.oldestAge(in: self.queue, now: self.at)
        object["oldest_due_age_ms"] = age.map { .number(JSONNumber(Int($0.milliseconds))) } ?? .null
        object["rates"] = self.rates.map { .array($0.map(\.json)) } ?? .null
        return .object(object)
    }

    var text: String {
        var text = QueueText.of(self.queue, now: self.at)
        if let rates, !rates.isEmpty { text += "\n" + TextTable.text(DeliveryRate.columns, rates.map(\.json)) }
        return text
    }
}
