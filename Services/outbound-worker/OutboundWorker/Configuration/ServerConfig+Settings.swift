import HTTPService

extension ServerConfig {
    /// Where the worker answers about its health.
    ///
    /// - `HTTP_HOST`: the address it listens on; `127.0.0.1` unless told.
    /// - `HTTP_PORT`: 8085 unless told; 0 takes a free one.
    init(_ settings: inout Settings) {
        self.init(
            host: settings.text("http.host") ?? "127.0.0.1",
            port: settings.integer("http.port", in: 0...65_535, default: 8085),
            // Only supervisors and those who measure ask.
            connections: 100
        )
    }
}
