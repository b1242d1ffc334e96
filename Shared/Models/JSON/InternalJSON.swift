package import Foundation

/// JSON between our own services, and our answers: one place for how our types become bytes.
package enum InternalJSON {
    private static let encoder: JSONEncoder = {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        return encoder
    }()
    private static let decoder = JSONDecoder()

    package static func encode(_ value: some Encodable) throws -> Data {
        try self.encoder.encode(value)
    }

    /// Trusts its input as far as Foundation's decoder does: for bytes of our own services only.
    package static func decode<Value: Decodable>(_ type: Value.Type, from bytes: Data) throws -> Value {
        try self.decoder.decode(type, from: bytes)
    }
}
