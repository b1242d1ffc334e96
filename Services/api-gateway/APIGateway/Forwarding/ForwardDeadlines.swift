import Shared

/// How long another service may take to answer.
package struct ForwardDeadlines: Sendable {
    /// A call that its database answers in milliseconds.
    package var ordinary: Duration = .seconds(5)
    /// A thousand messages in one transaction; below the 25 s in which a stopping server finishes its requests.
    package var batch: Duration = .seconds(20)

    /// Until a file begins: longer than the 30 s that its provider may take.
    package var file: Duration = .seconds(35)

    /// What a change of an organization waits for messaging-service to hear of it; it hears later if not now.
    package var push: Duration = .seconds(2)

    package init() {}

    /// - Parameters:
    ///   - size: the route's.
    ///   - bytes: of the request's body: a message with files takes its time to be stored.
    /// - Returns: how long its service may take.
    func deadline(of size: ForwardedRoute.Size, bytes: Int) -> Duration {
        switch size {
        case .ordinary: self.ordinary
        case .message: bytes > Limits.bodyBytes ? self.batch : self.ordinary
        case .batch, .broadcast, .bulk: self.batch
        case .file: self.file
        }
    }
}
