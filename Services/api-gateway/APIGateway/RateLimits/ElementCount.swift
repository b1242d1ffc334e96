package import NIOCore

/// Counts the elements of the arrays that stand directly in a body's object: the messages of a batch, the ids of a bulk act.
///
/// It reads brackets, commas and strings only, so that a batch of 10 MB costs milliseconds. Of what is no JSON it counts
/// something or other: whoever reads it refuses it.
package struct ElementCount {
    private var depth = 0
    private var isInString = false
    private var isEscaped = false
    /// Whether an element of the array at depth 2 has begun.
    private var hasElement = false
    /// For each open bracket of the first two levels, whether it is an array's.
    private var isArray = [false, false]
    private var count = 0

    private init() {}

    package static func elements(in body: ByteBuffer) -> Int {
        var counter = Self()
        unsafe body.withUnsafeReadableBytes { bytes in
            for index in bytes.indices { counter.read(unsafe bytes[index]) }
        }
        return counter.count
    }

    private mutating func read(_ byte: UInt8) {
        guard !self.isInString else { return self.readString(byte) }
        switch byte {
        case UInt8(ascii: "\""):
            self.begin()
            self.isInString = true
        case UInt8(ascii: "["), UInt8(ascii: "{"):
            self.begin()
            if self.depth < 2 { self.isArray[self.depth] = byte == UInt8(ascii: "[") }
            self.depth += 1
            if self.depth == 2 { self.hasElement = false }
        case UInt8(ascii: "]"), UInt8(ascii: "}"): self.depth = max(0, self.depth - 1)
        case UInt8(ascii: ","): if self.depth == 2 { self.hasElement = false }
        case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"), UInt8(ascii: ":"): break
        default: self.begin()
        }
    }

    private mutating func readString(_ byte: UInt8) {
        if self.isEscaped {
            self.isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
            self.isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
            self.isInString = false
        }
    }

    /// A value begins; it counts where it is an element of an array in the body's object.
    private mutating func begin() {
        guard self.depth == 2, !self.hasElement, self.isArray[1], !self.isArray[0] else { return }
        self.hasElement = true
        self.count += 1
    }
}
