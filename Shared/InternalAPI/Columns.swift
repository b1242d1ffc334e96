import Foundation
import Shared

/// Columns of the large calls between services: JSON of a thousand items, written as one array for each of their fields.
///
/// As objects their JSON is a seventh of all the work of a broadcast. What a column does not fit throws `dataCorrupted`.

/// Ids as the hexadecimal digits of one text, 32 for each; 32 hyphens for none.
struct IDColumn<Entity>: Codable {
    let ids: [ID<Entity>?]
    private static var width: Int { 32 }

    init(_ ids: [ID<Entity>?]) {
        self.ids = ids
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        var text = try container.decode(String.self)
        let ids: [ID<Entity>?]? = text.withUTF8 { digits in
            guard digits.count.isMultiple(of: Self.width) else { return nil }
            var ids: [ID<Entity>?] = []
            ids.reserveCapacity(digits.count / Self.width)
            for start in stride(from: 0, to: digits.count, by: Self.width) {
                if unsafe digits[start] == UInt8(ascii: "-") {
                    ids.append(nil)
                    continue
                }
                guard let high = unsafe Self.word(digits[start..<start + 16]),
                    let low = unsafe Self.word(digits[start + 16..<start + 32])
                else { return nil }
                ids.append(ID(UUID(high: high, low: low)))
            }
            return ids
        }
        guard let ids else { throw DecodingError.misfit }
        self.ids = ids
    }

    func encode(to encoder: any Encoder) throws {
        var text: [UInt8] = []
        text.reserveCapacity(self.ids.count * Self.width)
        for id in self.ids {
            guard let id else {
                text.append(contentsOf: repeatElement(UInt8(ascii: "-"), count: Self.width))
                continue
            }
            id.uuid.appendDigits(to: &text)
        }
        var container = encoder.singleValueContainer()
        try container.encode(String(decoding: text, as: UTF8.self))
    }

    private static func word(_ digits: Slice<UnsafeBufferPointer<UInt8>>) -> UInt64? {
        var word: UInt64 = 0
        for place in unsafe digits.indices {
            guard let value = unsafe hexadecimalValue(of: digits[place]) else { return nil }
            word = word << 4 | UInt64(value)
        }
        return word
    }

    /// All of them, of a column where none is missing.
    var present: [ID<Entity>] {
        get throws { try self.ids.map { try $0 ?? { throw DecodingError.misfit }() } }
    }
}

/// Values of which many follow each other unchanged, each with how often.
struct RunColumn<Value: Codable & Equatable & Sendable>: Codable {
    private var runs: [Value] = []
    private var lengths: [Int] = []

    init(_ values: some Sequence<Value>) {
        for value in values {
            if let last = self.runs.last, last == value {
                self.lengths[self.lengths.count - 1] += 1
            } else {
                self.runs.append(value)
                self.lengths.append(1)
            }
        }
    }

    /// All of them, of which there must be `count`.
    func values(_ count: Int) throws(DecodingError) -> [Value] {
        var left = count
        guard self.runs.count == self.lengths.count else { throw .misfit }
        for length in self.lengths {
            guard length > 0, length <= left else { throw .misfit }
            left -= length
        }
        guard left == 0 else { throw .misfit }
        return zip(self.runs, self.lengths).flatMap { repeatElement($0, count: $1) }
    }
}

/// Addresses: their kinds, and their texts.
struct AddressColumn: Codable {
    private let kinds: RunColumn<AddressKind>
    private let values: [String]

    init(_ addresses: [Address]) {
        self.kinds = RunColumn(addresses.lazy.map(\.kind))
        self.values = addresses.map(\.value)
    }

    func addresses(_ count: Int) throws -> [Address] {
        guard self.values.count == count else { throw DecodingError.misfit }
        return zip(try self.kinds.values(count), self.values).map { Address(kind: $0, value: $1) }
    }
}

extension DecodingError {
    /// The columns of a call do not fit together.
    static var misfit: DecodingError {
        .dataCorrupted(.init(codingPath: [], debugDescription: "columns that do not fit together"))
    }
}
