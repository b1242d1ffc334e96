import Metrics
package import NIOHTTP1

/// A route whose requests are refused before anything is done for them, while they could not be served soon: 503 `unavailable`.
///
/// What is refused on its way costs what it takes to get there, and takes that from what could be served. These are answered by
/// the connection itself: without a task, and before anybody asks whose key it is.
package struct Shedding: Sendable {
    private let method: HTTPMethod
    private let path: String
    private let mostBodyBytes: Int
    private let isFull: @Sendable (HTTPRequestHead) -> Bool
    /// As `RequestMetricsMiddleware` would count them.
    let refused: Counter

    /// - Parameters:
    ///   - method: of the route.
    ///   - path: of the route, without parameters; a request with a query is another one.
    ///   - mostBodyBytes: of a body of JSON; a request with a larger one, or with what else there is, is another one.
    ///   - isFull: whether one more of its sender would wait too long; asked for each request, on the event loop of its connection.
    package init(
        _ method: HTTPMethod,
        _ path: String,
        mostBodyBytes: Int,
        isFull: @escaping @Sendable (HTTPRequestHead) -> Bool
    ) {
        self.method = method
        self.path = path
        self.mostBodyBytes = mostBodyBytes
        self.isFull = isFull
        self.refused = Counter(
            label: "http_requests_total",
            dimensions: [("method", method.rawValue), ("route", path), ("status", "503")]
        )
    }

    /// A connection that is to be closed afterwards, and a client that asks whether to send the body, are left to the application.
    func refuses(_ head: HTTPRequestHead) -> Bool {
        guard head.method == self.method, head.uri == self.path, head.isKeepAlive,
            !head.headers.contains(name: "expect"),
            head.headers.first(name: "content-type").map({ $0 == "application/json" }) ?? true,
            let bytes = head.headers.first(name: "content-length").flatMap({ Int($0) }), bytes <= self.mostBodyBytes
        else { return false }
        return self.isFull(head)
    }
}
