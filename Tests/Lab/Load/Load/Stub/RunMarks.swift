import Foundation

/// Marks in the text of messages, by which the stub's ledger tells which message of which run arrived.
struct RunMarks: Sendable {
    private let prefix: String

    init(run: String = String(UUID().uuidString.lowercased().prefix(8))) {
        self.prefix = " load-\(run)-"
    }

    func mark(_ number: Int) -> String { self.prefix + String(number) + "." }

    /// The number in the mark of any text within a decoded request; nil when there is none of this run.
    @Sendable func number(in value: Any) -> Int? {
        switch value {
        case let text as String:
            guard let mark = text.range(of: self.prefix) else { return nil }
            return Int(text[mark.upperBound...].prefix { $0.isASCII && $0.isNumber })
        case let array as [Any]:
            return array.lazy.compactMap(self.number).first
        case let object as [String: Any]:
            return object.values.lazy.compactMap(self.number).first
        default:
            return nil
        }
    }
}
