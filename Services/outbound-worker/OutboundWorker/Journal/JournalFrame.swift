/// How a record lies in the journal: a length, two checksums, the record.
///
/// Little-endian: the record's length (4 bytes), the CRC-32 of these four (4), the CRC-32 of the record (4), the record.
/// The length has a checksum of its own because a damaged length would otherwise look like a record that was cut off at the
/// end of the file, and all that follows it like nothing.
enum JournalFrame {
    /// What must be there before the length is known to be right.
    private static let lengthBytes = 8
    static let headBytes = 12
    /// An outcome has at most 4 KB of a provider's words, and an id that came in an answer of at most 64 KB; JSON may
    /// write a byte in six.
    static let maximumRecordBytes = 1024 * 1024

    static func bytes(of record: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.headBytes + record.count)
        bytes.append(UInt32(record.count))
        bytes.append(JournalChecksum.of(bytes))
        bytes.append(JournalChecksum.of(record))
        return bytes + record
    }

    enum Reading: Equatable {
        /// `end` is where the next one begins.
        case whole(ArraySlice<UInt8>, end: Int)
        /// The bytes end within it.
        case cut
        case damaged
    }

    static func read(_ bytes: [UInt8], at start: Int) -> Reading {
        guard bytes.count - start >= Self.lengthBytes else { return .cut }
        var head = JournalBytes(bytes[start...])
        guard let length = head.integer(UInt32.self), let check = head.integer(UInt32.self),
            check == JournalChecksum.of(bytes[start..<start + 4]), (1...Self.maximumRecordBytes).contains(Int(length))
        else { return .damaged }
        guard let recordCheck = head.integer(UInt32.self), bytes.count - start >= Self.headBytes + Int(length) else {
            return .cut
        }
        let end = start + Self.headBytes + Int(length)
        let record = bytes[start + Self.headBytes..<end]
        return recordCheck == JournalChecksum.of(record) ? .whole(record, end: end) : .damaged
    }
}
