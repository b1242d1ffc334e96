import Configuration
import NIOCore
import NIOPosix

/// Whether the ports that the settings name can be listened on.
enum PortInspection {
    private static let keys = ["http", "internal.http", "inbox.http"]

    static func findings(in reader: ConfigReader) async -> [String] {
        var findings: [String] = []
        for key in self.keys {
            let scoped = reader.scoped(to: ConfigKey(key))
            guard let port = scoped.int(forKey: "port"), port > 0 else { continue }
            let host = scoped.string(forKey: "host", default: "127.0.0.1")
            let variable = "\(key.replacing(".", with: "_").uppercased())_PORT"
            do {
                let channel = try await ServerBootstrap(group: NIOSingletons.posixEventLoopGroup)
                    .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                    .bind(host: host, port: port).get()
                try await channel.close()
            } catch let error as IOError where error.errnoCode == EADDRINUSE {
                findings.append("\(variable): port \(port) of \(host) is in use")
            } catch {
                findings.append("\(variable): port \(port) of \(host) can not be listened on: \(error)")
            }
        }
        return findings
    }
}
