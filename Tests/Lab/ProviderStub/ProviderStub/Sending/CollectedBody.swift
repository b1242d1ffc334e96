import Foundation
import Hummingbird
import NIOCore

/// What a sending request carried.
enum CollectedBody {
    /// Twenty times Meta's largest text or template.
    static var limitBytes: Int { 4 << 20 }
    /// What SendGrid takes, attachments and all.
    static var mailBytes: Int { 30 << 20 }

    /// The body, or nil when it is larger than `limit`.
    static func collect(_ request: Request, upTo limit: Int = Self.limitBytes) async throws -> ByteBuffer? {
        do {
            return try await request.body.collect(upTo: limit)
        } catch is NIOTooManyBytesError {
            return nil
        }
    }

    /// The body as one line, if it is a JSON object in UTF-8 as far as the first byte tells.
    ///
    /// A line end in JSON can only be white space, so replacing it changes nothing.
    static func singleLine(_ body: ByteBuffer) -> String? {
        let bytes = body.readableBytesView
        guard bytes.first(where: { $0 > 0x20 }) == UInt8(ascii: "{"), !bytes.contains(0) else { return nil }
        let hasLineEnds = bytes.contains { $0 == 0x0A || $0 == 0x0D }
        return hasLineEnds
            ? String(decoding: bytes.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 }, as: UTF8.self)
            : String(decoding: bytes, as: UTF8.self)
    }
}

extension ByteBuffer {
    var data: Data { Data(self.readableBytesView) }
}
