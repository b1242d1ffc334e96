import Shared

/// A broadcast as a person reads it.
enum BroadcastText {
    private static let gates: [ResourceColumn] = [
        .member("to"), .member("status"), .member("refusal"), .member("rendered.body", title: "body"),
        .member("error.code", title: "error"),
    ]
    private static let refusals: [ResourceColumn] = [
        .number("number"), .member("to"), .member("customer_id", title: "customer"), .member("refusal"),
    ]

    /// The members, and of a dry run who is refused, and the sample.
    static func of(_ broadcast: JSONValue) -> String {
        var text = KeyValueList.text(broadcast, hiding: ["refusals", "sample", "org_id"])
        if let refusals = broadcast["refusals"]?.array, !refusals.isEmpty {
            text += "\n" + TextTable.text(self.refusals, refusals)
        }
        if let sample = broadcast["sample"]?.array, !sample.isEmpty {
            text += "\n" + TextTable.text(self.gates, sample)
        }
        return text
    }

    /// `herald: spring is running: 42000 of 100000 recipients, 10 refused; 30000 of 41990 messages at their end`.
    static func progress(of broadcast: JSONValue) -> String {
        let progress = broadcast["progress"] ?? .null
        let count = { (name: String) in progress[name]?.int ?? 0 }
        let messages = (broadcast["messages"]?.object?.members ?? []).map { ($0.name, $0.value.int ?? 0) }
        let open = messages.filter { ["scheduled", "queued", "sending", "uncertain"].contains($0.0) }.map(\.1).reduce(
            0,
            +
        )
        let all = messages.map(\.1).reduce(0, +)
        let refused = count("refused") > 0 ? ", \(count("refused")) refused" : ""
        return "herald: \(PlainText.of(broadcast["name"]?.string ?? "")) is \(broadcast["status"]?.string ?? ""): "
            + "\(count("processed")) of \(count("recipients")) recipients\(refused); "
            + "\(all - open) of \(all) messages at their end\n"
    }
}
