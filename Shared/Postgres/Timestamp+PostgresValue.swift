package import Shared

/// `timestamptz`, to the microsecond; read in the form that `DateStyle` ISO gives it, whatever the session's zone.
extension Timestamp: PostgresValue {
    package init?(postgresText: String) { self.init(postgresText) }
    package var postgresText: String { self.description }
    package func appendArrayElement(to literal: inout [UInt8]) { literal.append(contentsOf: self.description.utf8) }
}
