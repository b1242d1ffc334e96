package import Hummingbird
import Logging
import NIOCore
import Shared

/// The context of every request to an internal port.
package struct AppRequestContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// Who calls; nil until `ServiceCallerMiddleware` has verified a token.
    package var caller: ServiceCaller?
    private let channel: any NIOCore.Channel

    /// Whether the caller still waits for the answer; for calls that take long.
    package var isConnected: Bool { self.channel.isActive }

    package init(source: ApplicationRequestContextSource) {
        self.channel = source.channel
        self.coreContext = .init(source: source)
        self.identify(as: RequestTrace.newRequestID())
    }
}

extension RequestContext {
    /// Gives the request the id that `id`, every log line and the answer's `X-Request-Id` show.
    ///
    /// A context calls it in its `init(source:)`; the key is the one that Hummingbird reads `id` from.
    package mutating func identify(as requestID: String) {
        self.logger[metadataKey: "hb.request.id"] = .string(requestID)
    }
}
