package import Configuration
import Shared

/// Where a server listens, and what it bears.
///
/// Keys, under the scope the caller chose (`http`):
/// - `host` (string, default `127.0.0.1`).
/// - `port` (int, required, 0 to 65535; 0 lets the system choose).
/// - `connections` (int, default 10000, range 1 to 100000): more wait in the kernel until one closes.
package struct ServerConfig: Sendable {
    package var host: String
    package var port: Int
    package var connections: Int
    package var limits = ConnectionLimits()

    package init(host: String = "127.0.0.1", port: Int, connections: Int = 10_000) {
        self.host = host
        self.port = port
        self.connections = connections
    }

    /// - Throws: `ConfigFailure`, or what the reader throws for an absent or malformed value.
    package init(reader: ConfigReader) async throws {
        self.init(
            host: try await reader.fetchString(forKey: "host", default: "127.0.0.1"),
            port: try await reader.fetchRequiredInt(forKey: "port"),
            connections: try await reader.fetchInt(forKey: "connections", default: 10_000)
        )
        guard (0...65535).contains(self.port) else {
            throw ConfigFailure(key: "http.port", reason: "\(self.port) is outside 0...65535")
        }
        guard (1...100_000).contains(self.connections) else {
            throw ConfigFailure(key: "http.connections", reason: "\(self.connections) is outside 1...100000")
        }
    }
}
