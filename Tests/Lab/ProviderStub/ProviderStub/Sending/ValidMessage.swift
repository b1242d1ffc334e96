import HTTPTypes
import Hummingbird
import NIOCore

/// A send that passed the provider's own checks.
struct ValidMessage: Sendable {
    let provider: StubProvider
    let account: String
    let to: String
    let reference: String?
    let providerID: String
    /// As it came, for the hash.
    let body: ByteBuffer
    /// The decoded request as one line of JSON.
    let request: String
    /// What the provider answers when it takes the message.
    let acceptance: Response
    /// Reports the message's fate, when somebody wants to know.
    let reporter: (any StatusReporter)?
}

/// How one provider words what it does not do.
protocol ProviderErrors: Sendable {
    func failure(status: Int, code: Int, message: String) -> Response
    /// The code and text of a 429.
    var throttled: (code: Int, message: String) { get }
    /// The code and text of a 5xx.
    var unavailable: (code: Int, message: String) { get }
}

extension Response {
    static func json(_ status: Int, _ text: String) -> Response {
        Response(
            status: .init(code: status),
            headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text))
        )
    }
}
