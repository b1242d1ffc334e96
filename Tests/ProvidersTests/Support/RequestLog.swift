import Synchronization

/// The requests that a server has read, in order.
final class RequestLog: Sendable {
    private let log = Mutex<[String]>([])

    var requests: [String] { self.log.withLock { $0 } }

    func add(_ request: String?) {
        if let request { self.log.withLock { $0.append(request) } }
    }
}
