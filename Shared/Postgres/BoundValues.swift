import Glibc

/// A value as it is sent: as text, or in the binary form of its type.
struct BoundValue: Sendable {
    let bytes: [UInt8]
    let isBinary: Bool

    init(text: String) {
        self.bytes = Array(text.utf8)
        self.isBinary = false
    }

    init(binary: [UInt8]) {
        self.bytes = binary
        self.isBinary = true
    }
}

/// Values as libpq takes them: one run of bytes, and of each where it begins, how long it is, and in which form.
struct BoundValues {
    private var bytes: [UInt8] = []
    private var starts: [Int?] = []
    private var lengths: [Int32] = []
    private var formats: [Int32] = []

    /// Of a statement without parameters.
    static let none = BoundValues()

    private init() {}

    /// Copies `values`; nil stays a null pointer.
    ///
    /// libpq takes a text up to its first NUL character, and Postgres stores none: a text with one is refused, not cut short.
    init(_ values: [BoundValue?]) throws(PostgresError) {
        self.starts.reserveCapacity(values.count)
        self.bytes.reserveCapacity(values.reduce(0) { $0 + ($1?.bytes.count ?? 0) + 1 })
        for value in values {
            self.lengths.append(Int32(value?.bytes.count ?? 0))
            self.formats.append(value?.isBinary == true ? 1 : 0)
            guard let value else {
                self.starts.append(nil)
                continue
            }
            guard value.isBinary || !value.bytes.contains(0) else {
                throw .server(sqlState: "22021", message: "A value contains a NUL character.")
            }
            self.starts.append(self.bytes.count)
            self.bytes.append(contentsOf: value.bytes)
            self.bytes.append(0)
        }
    }

    var count: Int32 { Int32(self.starts.count) }

    /// Passes pointers to the values, their lengths and forms, all of which live until `body` returns.
    func withPointers<Result>(
        _ body: ([UnsafePointer<CChar>?], UnsafePointer<Int32>?, UnsafePointer<Int32>?) -> Result
    ) -> Result {
        unsafe self.bytes.withUnsafeBytes { bytes in
            var pointers: [UnsafePointer<CChar>?] = unsafe []
            unsafe pointers.reserveCapacity(self.starts.count + 1)
            for start in self.starts {
                guard let start, let base = bytes.baseAddress else {
                    unsafe pointers.append(nil)
                    continue
                }
                unsafe pointers.append((base + start).assumingMemoryBound(to: CChar.self))
            }
            unsafe pointers.append(nil)
            return unsafe self.lengths.withUnsafeBufferPointer { lengths in
                unsafe self.formats.withUnsafeBufferPointer { formats in
                    unsafe body(pointers, lengths.baseAddress, formats.baseAddress)
                }
            }
        }
    }
}
