import Crypto
import Foundation
import Shared

/// SHA-256 over a list of parts, each with its length before it: no two lists look the same.
struct HashedParts {
    static let length = 32

    private var hash = SHA256()

    /// - Parameter purpose: says what is hashed, so that no hash can stand for one of another kind.
    init(_ purpose: String) {
        self.add(purpose)
    }

    /// Nothing differs from an empty part.
    mutating func add(_ bytes: [UInt8]?) {
        guard let bytes else { return self.hash.update(data: Self.bigEndian(UInt32.max)) }
        self.hash.update(data: Self.bigEndian(UInt32(clamping: bytes.count)))
        self.hash.update(data: bytes)
    }

    mutating func add(_ text: String?) { self.add(text.map { Array($0.utf8) }) }

    mutating func add(_ time: Timestamp) { self.add(Self.bigEndian(UInt64(bitPattern: time.microseconds))) }

    mutating func add(_ number: Int) { self.add(Self.bigEndian(UInt64(number))) }

    mutating func add<Entity>(_ id: ID<Entity>) { self.add(id.uuid.bytes) }

    consuming func finish() -> [UInt8] { Array(self.hash.finalize()) }

    private static func bigEndian<Number: FixedWidthInteger & UnsignedInteger>(_ number: Number) -> [UInt8] {
        (0..<Number.bitWidth / 8).reversed().map { UInt8(truncatingIfNeeded: number >> Number($0 * 8)) }
    }
}
