import Glibc

/// Strings as libpq takes them: one run of NUL-terminated texts, and where each begins.
struct BoundValues {
    private var bytes: [UInt8] = []
    private var starts: [Int?] = []

    /// Copies `values`; nil stays a null pointer.
    ///
    /// A C string ends at its first NUL character, and Postgres stores none: a value with one is refused, not cut short.
    init(_ values: [String?]) throws(PostgresError) {
        self.starts.reserveCapacity(values.count)
        for value in values {
            guard let value else {
                self.starts.append(nil)
                continue
            }
            let start = self.bytes.count
            self.starts.append(start)
            self.bytes.append(contentsOf: value.utf8)
            let length = self.bytes.count - start
            self.bytes.append(0)
            let isWhole = unsafe self.bytes.withUnsafeBytes { bytes in
                guard let base = bytes.baseAddress else { return true }
                return unsafe strlen((base + start).assumingMemoryBound(to: CChar.self)) == length
            }
            guard isWhole else { throw .server(sqlState: "22021", message: "A value contains a NUL character.") }
        }
    }

    var count: Int32 { Int32(self.starts.count) }

    /// Passes the values as pointers that live until `body` returns; a last null pointer ends the list.
    func withPointers<Result>(_ body: ([UnsafePointer<CChar>?]) -> Result) -> Result {
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
            return unsafe body(pointers)
        }
    }
}
