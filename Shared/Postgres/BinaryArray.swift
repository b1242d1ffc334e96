package import Foundation
package import Shared

/// A value whose arrays are bound in Postgres' binary form.
///
/// A batch binds thousands of ids: as text each is written, sent and parsed with more than twice the bytes.
package protocol BinaryElement: PostgresValue {
    /// The OID of the element's type, which is the same on every server (`pg_type.dat`).
    static var elementType: UInt32 { get }

    /// Appends the value as the type's receive function reads it, in network byte order.
    func appendBinary(to bytes: inout [UInt8])
}

extension UUID: BinaryElement {
    package static var elementType: UInt32 { 2950 }
    package func appendBinary(to bytes: inout [UInt8]) {
        let u = self.uuid
        bytes += [u.0, u.1, u.2, u.3, u.4, u.5, u.6, u.7, u.8, u.9, u.10, u.11, u.12, u.13, u.14, u.15]
    }
}

extension ID: BinaryElement {
    package static var elementType: UInt32 { UUID.elementType }
    package func appendBinary(to bytes: inout [UInt8]) { self.uuid.appendBinary(to: &bytes) }
}

/// `timestamptz`: microseconds since 2000.
extension Timestamp: BinaryElement {
    private static let year2000: Int64 = 946_684_800_000_000

    package static var elementType: UInt32 { 1184 }
    package func appendBinary(to bytes: inout [UInt8]) { bytes.append(bigEndian: self.microseconds - Self.year2000) }
}

/// `text`, and nothing else: an array of another type that is written as text is not bound as this.
extension String: BinaryElement {
    package static var elementType: UInt32 { 25 }
    package func appendBinary(to bytes: inout [UInt8]) { bytes.append(contentsOf: self.utf8) }
}

extension Bool: BinaryElement {
    package static var elementType: UInt32 { 16 }
    package func appendBinary(to bytes: inout [UInt8]) { bytes.append(self ? 1 : 0) }
}

/// The binary form of a one-dimensional array (`array_recv` of the server).
func binaryArray<Value: BinaryElement>(of values: [Value?]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(20 + 20 * values.count)
    bytes.append(bigEndian: Int32(values.isEmpty ? 0 : 1))
    bytes.append(bigEndian: Int32(values.contains { $0 == nil } ? 1 : 0))
    bytes.append(bigEndian: Value.elementType)
    guard !values.isEmpty else { return bytes }
    bytes.append(bigEndian: Int32(values.count))
    bytes.append(bigEndian: Int32(1))
    for value in values {
        let start = bytes.count
        // The length, or -1 for NULL.
        bytes.append(bigEndian: Int32(-1))
        guard let value else { continue }
        value.appendBinary(to: &bytes)
        let length = UInt32(bytes.count - start - 4)
        for place in 0..<4 { bytes[start + place] = UInt8(truncatingIfNeeded: length >> (24 - 8 * UInt32(place))) }
    }
    return bytes
}

extension [UInt8] {
    fileprivate mutating func append<Number: FixedWidthInteger>(bigEndian number: Number) {
        for shift in stride(from: Number.bitWidth - 8, through: 0, by: -8) {
            self.append(UInt8(truncatingIfNeeded: number >> Number(shift)))
        }
    }
}
