/// What follows one request through every service and log.
///
/// The server sets it for each request; the client of the next service passes it on.
package struct RequestTrace: Sendable, Equatable {
    package let requestID: String
    /// `00-<trace id>-<span id>-<flags>` (https://www.w3.org/TR/trace-context/), as it came from outside.
    package let traceParent: String?

    package init(requestID: String, traceParent: String?) {
        self.requestID = requestID
        self.traceParent = traceParent
    }

    /// Nil outside a request.
    @TaskLocal package static var current: RequestTrace?

    /// A UUID of version 7: sorted by time, so that logs can be searched by it.
    package static func newRequestID() -> String { ID<RequestTrace>.new().description }
}
