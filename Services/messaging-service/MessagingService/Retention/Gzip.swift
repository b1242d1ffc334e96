import CZlib

/// The gzip format (RFC 1952), which `gzip -dc` and every archive tool read.
///
/// The only code that touches zlib. The same bytes always give the same result: the header holds no time and no name.
package enum Gzip {
    /// zlib could not compress: it is out of memory, or there is more than 4 GiB.
    package struct Failure: Error, Equatable {
        package let code: Int32
    }

    package static func compress(_ bytes: [UInt8]) throws(Failure) -> [UInt8] {
        var stream = unsafe z_stream()
        let status = unsafe herald_gzip_init(&stream)
        guard status == Z_OK else { throw Failure(code: status) }
        defer { unsafe deflateEnd(&stream) }
        let bound = unsafe deflateBound(&stream, uLong(bytes.count))
        guard bytes.count <= Int(uInt.max), bound <= uLong(uInt.max) else { throw Failure(code: Z_BUF_ERROR) }

        var input = bytes
        var output = [UInt8](repeating: 0, count: Int(bound))
        // The bound holds everything, so one call does it all.
        let end = unsafe input.withUnsafeMutableBufferPointer { input in
            unsafe output.withUnsafeMutableBufferPointer { output in
                unsafe stream.next_in = input.baseAddress
                unsafe stream.avail_in = uInt(input.count)
                unsafe stream.next_out = output.baseAddress
                unsafe stream.avail_out = uInt(output.count)
                return unsafe deflate(&stream, Z_FINISH)
            }
        }
        guard end == Z_STREAM_END else { throw Failure(code: end) }
        output.removeLast(output.count - Int(unsafe stream.total_out))
        return output
    }

    /// - Throws: for what is no whole file of that format.
    package static func decompress(_ bytes: [UInt8]) throws(Failure) -> [UInt8] {
        var stream = unsafe z_stream()
        let status = unsafe herald_gunzip_init(&stream)
        guard status == Z_OK else { throw Failure(code: status) }
        defer { unsafe inflateEnd(&stream) }
        guard bytes.count <= Int(uInt.max) else { throw Failure(code: Z_BUF_ERROR) }

        var input = bytes
        var output: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        let end = unsafe input.withUnsafeMutableBufferPointer { input in
            unsafe stream.next_in = input.baseAddress
            unsafe stream.avail_in = uInt(input.count)
            while true {
                let code = unsafe chunk.withUnsafeMutableBufferPointer { chunk in
                    unsafe stream.next_out = chunk.baseAddress
                    unsafe stream.avail_out = uInt(chunk.count)
                    return unsafe inflate(&stream, Z_NO_FLUSH)
                }
                output += chunk.prefix(chunk.count - Int(unsafe stream.avail_out))
                guard code == Z_OK else { return code }
            }
        }
        guard end == Z_STREAM_END else { throw Failure(code: end) }
        return output
    }
}
