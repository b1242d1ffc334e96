/// The one table of a run.
struct ResultTable {
    let results: Results

    var text: String {
        let machine = self.results.machine
        let parts = [
            "\(machine.cores) cores", "\(machine.memoryMB) MB", machine.processor,
            "\(self.results.build.rawValue) build",
            "\(self.results.form.rawValue) form", self.results.takenAt,
        ]
        return
            ([parts.joined(separator: ", "), Table.text(self.limitRows), Table.text(self.figureRows)] + self.faultLines)
            .joined(separator: "\n")
    }

    private var limitRows: [[String]] {
        [["limit of the machine", "measured"]]
            + LimitName.allCases.compactMap { name in
                self.results.limits[name.rawValue].map { [name.title, Self.text($0, name.unit)] }
            }
    }

    private var figureRows: [[String]] {
        [["", "figure", "measured", "target", "of the limit", ""]]
            + FigureName.allCases.compactMap { name in
                guard let figure = self.results.figures[name.rawValue] else { return nil }
                let spec = name.spec
                let targets = [spec.target, spec.stretch].compactMap(\.self).map { Self.text($0, spec.unit) }
                return [
                    spec.point, spec.title, Self.text(figure.value, spec.unit), targets.joined(separator: ", "),
                    figure.ratio.map(Decimals.ratio) ?? "-", self.verdict(spec, figure.value),
                ]
            }
    }

    /// The targets are not meant for a debug build, nor for seconds.
    private func verdict(_ spec: FigureSpec, _ value: Double) -> String {
        guard self.results.form == .full, self.results.build == .release else { return "" }
        return spec.verdict(of: value).rawValue
    }

    private var faultLines: [String] {
        self.results.faults.sorted { $0.key < $1.key }.flatMap { scenario, faults in
            faults.map { "  fault in \(scenario): \($0)" }
        }
    }

    private static func text(_ value: Double, _ unit: FigureSpec.Unit) -> String {
        let number =
            switch unit {
            case .perSecond: Decimals.whole(value)
            case .milliseconds, .times: Decimals.text(value)
            case .percent, .megabytes: Decimals.text(value)
            }
        return number + unit.rawValue
    }
}
