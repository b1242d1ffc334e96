import AsyncHTTPClient
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import Shared

/// Calls the public API with one key.
struct APIClient: Sendable {
    /// The gateway answers within 15 s, or says 503; the rest is for the network.
    static let timeout = TimeAmount.seconds(30)
    /// For an answer that is written while it comes.
    static let longest = TimeAmount.hours(6)
    /// A page of 200 messages, each with a body of 100,000 characters of up to 3 bytes, and some room.
    static let answerBytes = 128 << 20

    let http: HTTPClient
    let baseURL: String
    let key: String?
    /// The organization on whose behalf the operator key acts.
    var orgID: String?

    /// Sends a request.
    ///
    /// - Returns: an answer of 200 to 299.
    /// - Throws: `CommandFailure`.
    func callAsFunction(_ request: APIRequest) async throws -> APIAnswer {
        let answer = try await self.answer(to: request)
        guard !(200..<300).contains(answer.status) else { return answer }
        if let refusal = Refusal(answer) { throw CommandFailure.refused(refusal) }
        throw self.foreign(answer)
    }

    /// Sends a request, and takes any answer.
    func answer(to request: APIRequest) async throws -> APIAnswer {
        do {
            let response = try await self.http.execute(self.prepared(request), timeout: Self.timeout)
            let body = try await response.body.collect(upTo: Self.answerBytes)
            return APIAnswer(status: Int(response.status.code), headers: response.headers, body: Array(buffer: body))
        } catch is NIOTooManyBytesError {
            throw CommandFailure.foreign("\(self.baseURL) answered with more than \(Self.answerBytes >> 20) MB.")
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            throw CommandFailure.unreachable(
                "\(self.baseURL) can not be reached (\(Self.reason(error))). Is Herald running there, and API_URL right?"
            )
        }
    }

    /// Sends a request, and gives the body of its answer part by part; there may be much of it.
    ///
    /// - Throws: `CommandFailure`, also for a connection that is lost on the way.
    func stream(_ request: APIRequest, _ take: ([UInt8]) throws -> Void) async throws {
        let response: HTTPClientResponse
        do {
            response = try await self.http.execute(self.prepared(request), timeout: Self.longest)
        } catch {
            throw CommandFailure.unreachable("\(self.baseURL) can not be reached (\(Self.reason(error))).")
        }
        guard (200..<300).contains(response.status.code) else {
            let body = try await response.body.collect(upTo: Self.answerBytes)
            let answer = APIAnswer(
                status: Int(response.status.code),
                headers: response.headers,
                body: Array(buffer: body)
            )
            if let refusal = Refusal(answer) { throw CommandFailure.refused(refusal) }
            throw self.foreign(answer)
        }
        do {
            for try await part in response.body { try take(Array(buffer: part)) }
        } catch let failure as CommandFailure {
            throw failure
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            throw CommandFailure.foreign("The answer of \(self.baseURL) ended before it was whole: ask again.")
        }
    }

    /// The body of an answer that must be JSON.
    func json(_ answer: APIAnswer) throws(CommandFailure) -> JSONValue {
        guard let json = answer.json else { throw self.foreign(answer) }
        return json
    }

    /// Says that whoever answered does not speak as the API does.
    func foreign(_ answer: APIAnswer) -> CommandFailure {
        // Enough to recognize a proxy's or another program's answer.
        let start = PlainText.of(String(answer.text.prefix(200)))
        return .foreign(
            "\(self.baseURL) does not answer as Herald does; is API_URL right? It said \(answer.status) \(start)"
        )
    }

    private func prepared(_ request: APIRequest) -> HTTPClientRequest {
        var prepared = HTTPClientRequest(url: self.baseURL + request.target)
        prepared.method = request.method
        prepared.headers.add(name: "accept", value: "application/json")
        prepared.headers.add(name: "user-agent", value: "herald")
        if let key { prepared.headers.add(name: "authorization", value: "Bearer \(key)") }
        if let orgID { prepared.headers.add(name: "x-org-id", value: orgID) }
        for header in request.headers { prepared.headers.add(name: header.name, value: header.value) }
        if let body = request.body {
            prepared.headers.add(name: "content-type", value: "application/json")
            prepared.body = .bytes(ByteBuffer(bytes: body.bytes))
        }
        return prepared
    }

    private static func reason(_ error: any Error) -> String {
        switch error as? HTTPClientError {
        case .connectTimeout?: "no connection within 5 s"
        case .deadlineExceeded?, .readTimeout?: "no answer within 30 s"
        case .remoteConnectionClosed?: "the connection was closed without an answer"
        // What NIO throws then is no type of ours to name; its text has the system's own words.
        case _ where "\(error)".contains("Connection refused"): "nothing listens there"
        default: PlainText.of(String("\(error)".prefix(200)))
        }
    }
}
