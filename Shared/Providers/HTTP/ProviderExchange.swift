import AsyncHTTPClient
import EventLoopTasks
import NIOCore
import NIOHTTP1
import Shared

/// How one request to a provider ended.
enum ExchangeEnd: Sendable {
    /// Answered to the last byte.
    case answer(ProviderAnswer)
    /// The provider can not have got the whole request.
    case notSent(ProviderError)
    /// The request left, and no complete answer came back.
    case unknown(ProviderError)
}

/// Why no complete answer came; it says nothing about whether the request left.
struct ExchangeFailure: Error {
    let reason: ProviderError
}

struct ProviderAnswer: Sendable {
    let status: Int
    let headers: HTTPHeaders
    let body: [UInt8]

    /// The wait that `Retry-After` asks for, if it does so in seconds; at most a day.
    var retryAfter: Duration? {
        guard let text = self.headers.first(name: "retry-after"), let seconds = Int(text), seconds >= 0 else {
            return nil
        }
        return .seconds(min(seconds, 86_400))
    }

    /// The body for an operator to read.
    var text: String { String(decoding: self.body.prefix(2048), as: UTF8.self) }
}

/// Makes requests to providers, each exactly once, and tells what is known about its effect.
///
/// The client asks for the body only when a connection is open and the head is written. A body that it never asked for
/// proves that no complete request left, whatever error it reports; after that, every error leaves the effect unknown.
/// This holds too for a kept-alive connection that the provider closes at the moment we write on it: from here it looks like
/// one that was cut after the request had been read. `forProviders` keeps idle connections only briefly, so that this is rare.
struct ProviderExchange: Sendable {
    /// Providers answer in a few hundred bytes; what is longer is no answer of theirs.
    static let maximumAnswerBytes = 64 * 1024

    /// How much of an answer decides.
    enum Reading {
        /// All of it: an answer that is cut off, or has more bytes, is none.
        case whole(upTo: Int)
        /// Its status; of the body the beginning is kept for people to read.
        case beginning
    }

    /// Of an answer's body that nothing is decided by.
    private static let keptBytes = 2048
    private static let patienceWithBody: Duration = .seconds(2)

    private let client: HTTPClient

    init(client: HTTPClient) {
        self.client = client
    }

    func post(
        _ url: String,
        headers: HTTPHeaders,
        body: [UInt8],
        reading: Reading = .whole(upTo: Self.maximumAnswerBytes),
        before deadline: ContinuousClock.Instant
    ) async -> ExchangeEnd {
        let taken = TakenFlag()
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers = headers
        request.body = .bytes(WatchedBody(bytes: body, taken: taken), length: .known(Int64(body.count)))
        do {
            return .answer(try await self.execute(request, reading, before: deadline))
        } catch {
            return taken.isSet ? .unknown(error.reason) : .notSent(error.reason)
        }
    }

    /// Asks for something, which changes nothing at the provider.
    ///
    /// - Parameters:
    ///   - url: with its query.
    ///   - headers: beside those that the client adds.
    ///   - limit: bytes of the longest answer; what is longer is none.
    ///   - deadline: for the whole answer.
    /// - Returns: the whole answer, whatever its status.
    /// - Throws: why there is none.
    func get(
        _ url: String,
        headers: HTTPHeaders,
        upTo limit: Int,
        before deadline: ContinuousClock.Instant
    ) async throws(ExchangeFailure) -> ProviderAnswer {
        var request = HTTPClientRequest(url: url)
        request.method = .GET
        request.headers = headers
        return try await self.execute(request, .whole(upTo: limit), before: deadline)
    }

    private func execute(
        _ request: HTTPClientRequest,
        _ reading: Reading,
        before deadline: ContinuousClock.Instant
    ) async throws(ExchangeFailure) -> ProviderAnswer {
        let remaining = ContinuousClock.now.duration(to: deadline)
        guard remaining > .zero else { throw ExchangeFailure(reason: .deadlinePassed) }
        do {
            let response = try await self.client.execute(request, deadline: .now() + TimeAmount(remaining))
            let body: [UInt8]
            switch reading {
            case .whole(let limit): body = try await Self.body(of: response, upTo: limit, before: deadline)
            case .beginning: body = await Self.beginning(of: response, before: deadline)
            }
            return ProviderAnswer(status: Int(response.status.code), headers: response.headers, body: body)
        } catch {
            throw ExchangeFailure(reason: ProviderError(exchangeFailure: error))
        }
    }

    /// Reads the body against the deadline: the client's own ends with the head of the answer.
    private static func body(
        of response: HTTPClientResponse,
        upTo limit: Int,
        before deadline: ContinuousClock.Instant
    ) async throws -> [UInt8] {
        try await withThrowingTaskGroup(of: [UInt8].self) { group in
            group.addTask {
                let buffer = try await response.body.collect(upTo: limit)
                return Array(buffer.readableBytesView)
            }
            group.addTask {
                try await EventLoopClock().sleep(until: deadline)
                throw HTTPClientError.deadlineExceeded
            }
            defer { group.cancelAll() }
            return try await group.next() ?? []
        }
    }
    /// What comes of the body in a moment; a connection with more of it is closed.
    private static func beginning(
        of response: HTTPClientResponse,
        before deadline: ContinuousClock.Instant
    ) async -> [UInt8] {
        let end = min(deadline, ContinuousClock.now + Self.patienceWithBody)
        return await withTaskGroup(of: [UInt8].self) { group in
            group.addTask {
                // The status is known, and with it all that matters.
                (try? await Self.parts(of: response)) ?? []
            }
            group.addTask {
                try? await EventLoopClock().sleep(until: end)
                return []
            }
            defer { group.cancelAll() }
            return await group.next() ?? []
        }
    }

    private static func parts(of response: HTTPClientResponse) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await part in response.body {
            bytes += part.readableBytesView
            guard bytes.count < Self.keptBytes else { break }
        }
        return bytes
    }
}
