/// The text format of Prometheus, version 0.0.4, under construction.
struct PrometheusText {
    private(set) var text = ""

    /// Begins a metric: the lines before its series.
    mutating func add(_ description: MetricDescription) {
        if !description.help.isEmpty {
            let help = description.help.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
            self.text += "# HELP \(description.name) \(help)\n"
        }
        self.text += "# TYPE \(description.name) \(description.kind.rawValue)\n"
    }

    mutating func add(_ id: SeriesID, suffix: String = "", bound: Double? = nil, value: String) {
        let bound = bound.map { "le=\"\(Self.number($0))\"" }
        let labels = [id.labels, bound ?? ""].filter { !$0.isEmpty }.joined(separator: ",")
        self.text += "\(id.name)\(suffix)\(labels.isEmpty ? "" : "{\(labels)}") \(value)\n"
    }

    /// Whole numbers without a point, as Prometheus writes them itself.
    static func number(_ value: Double) -> String {
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        if value.isNaN { return "NaN" }
        return abs(value) < 1e15 && value == value.rounded() ? "\(Int64(value))" : "\(value)"
    }

    /// A label's value may hold anything but these three as they are.
    static func escaped(label value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}
