import Foundation

/// Prints figures as a table, and writes them as JSON.
struct Report<Figures: Encodable> {
    let title: String
    let rows: [(String, String)]
    let figures: Figures

    /// Prints the table; writes the file when there is a path.
    func publish(to path: String?) throws(LoadFailure) {
        let width = self.rows.map(\.0.count).max() ?? 0
        print(self.title)
        for (name, value) in self.rows {
            print("  " + name + String(repeating: " ", count: width - name.count) + "  " + value)
        }
        guard let path else { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        do {
            try (encoder.encode(self.figures) + Data("\n".utf8)).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw LoadFailure("The figures can not be written to \(path); choose another file with --json.")
        }
    }
}
