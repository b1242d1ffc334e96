import Foundation
import Shared

/// Reads what the functions below wrote, from the first byte to the last.
struct JournalBytes {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) {
        self.rest = bytes
    }

    /// Nil when fewer bytes are left; so too below.
    mutating func integer<Value: FixedWidthInteger>(_: Value.Type) -> Value? {
        let size = Value.bitWidth / 8
        guard self.rest.count >= size else { return nil }
        let value = self.rest.prefix(size).reversed().reduce(Value(0)) { $0 << 8 | Value(truncatingIfNeeded: $1) }
        self.rest = self.rest.dropFirst(size)
        return value
    }

    mutating func id<Entity>(_: Entity.Type) -> ID<Entity>? {
        guard let low = self.integer(UInt64.self), let high = self.integer(UInt64.self) else { return nil }
        return ID(UUID(high: high, low: low))
    }

    mutating func text() -> String? {
        guard let count = self.integer(UInt16.self), self.rest.count >= Int(count) else { return nil }
        let text = String(validating: self.rest.prefix(Int(count)), as: UTF8.self)
        self.rest = self.rest.dropFirst(Int(count))
        return text
    }

    /// All that was not read.
    mutating func all() -> ArraySlice<UInt8> {
        defer { self.rest = [] }
        return self.rest
    }

    var isAtEnd: Bool { self.rest.isEmpty }
}

extension [UInt8] {
    /// The least significant byte first.
    mutating func append(_ integer: some FixedWidthInteger) {
        for shift in stride(from: 0, to: type(of: integer).bitWidth, by: 8) {
            self.append(UInt8(truncatingIfNeeded: integer >> shift))
        }
    }

    /// As an integer of 128 bits.
    mutating func append<Entity>(_ id: ID<Entity>) {
        self += unsafe Swift.withUnsafeBytes(of: id.uuid.uuid) { unsafe Array($0) }.reversed()
    }

    /// At most 65,535 bytes, after their number.
    mutating func append(_ text: String) {
        let bytes = text.utf8.prefix(Int(UInt16.max))
        self.append(UInt16(bytes.count))
        self += bytes
    }
}
