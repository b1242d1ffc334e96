package import Foundation
package import Shared

extension UUID: PostgresValue {
    package init?(postgresText: String) { self.init(canonical: postgresText) }
    package var postgresText: String { self.canonicalText }
    package func appendArrayElement(to literal: inout [UInt8]) { self.appendCanonicalText(to: &literal) }
}

extension ID: PostgresValue {
    package init?(postgresText: String) { self.init(postgresText) }
    package var postgresText: String { self.description }
    package func appendArrayElement(to literal: inout [UInt8]) { self.uuid.appendCanonicalText(to: &literal) }
}
