import AsyncHTTPClient
package import NIOCore
import NIOHTTP1

/// A file whose bytes arrive as they are read, and are kept nowhere.
package struct MediaFile: Sendable {
    /// As the provider told; nil when it did not.
    package let contentType: String?
    /// Bytes; nil when the provider did not say.
    package let length: Int?
    private let body: HTTPClientResponse.Body
    /// Lives as long as the file is read.
    private let connection: GuardedConnection
    fileprivate let mostBytes: Int

    /// - Throws: `MediaRefusal` `tooLarge` when the provider says so at once.
    init(
        _ answer: HTTPClientResponse,
        contentType: String?,
        over connection: GuardedConnection,
        mostBytes: Int
    ) throws(MediaRefusal) {
        self.length = answer.headers.first(name: "content-length").flatMap { Int($0) }
        guard self.length.map({ $0 <= mostBytes }) ?? true else { throw .tooLarge(mostBytes) }
        self.contentType = contentType ?? answer.headers.first(name: "content-type")
        self.body = answer.body
        self.connection = connection
        self.mostBytes = mostBytes
    }
}

/// Part by part: the next is asked for when the one before has been taken.
///
/// Reading throws `MediaRefusal` `tooLarge`, and what the client throws for a connection that is lost.
extension MediaFile: AsyncSequence {
    package struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate var parts: HTTPClientResponse.Body.AsyncIterator
        fileprivate let file: MediaFile
        fileprivate var count = 0

        package mutating func next(
            isolation actor: isolated (any Actor)? = #isolation
        ) async throws -> ByteBuffer? {
            guard let part = try await self.parts.next(isolation: actor) else { return nil }
            self.count += part.readableBytes
            guard self.count <= self.file.mostBytes else { throw MediaRefusal.tooLarge(self.file.mostBytes) }
            return part
        }
    }

    package func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(parts: self.body.makeAsyncIterator(), file: self)
    }
}

/// Why there is no file.
package enum MediaRefusal: Error, Sendable, Equatable {
    /// The provider says that it has it no more.
    case gone
    /// The provider answered with this status.
    case refused(status: Int)
    /// There was no answer, or none that could be understood.
    case unanswered(String)
    /// It has more than so many bytes.
    case tooLarge(Int)
    /// Its address is none that may be asked.
    case notAllowed(String)
}
