import Foundation
import Installation

/// What a process may hold when everything has come to rest; more is a leak.
struct ProcessCaps: Sendable {
    static let megabytes = 256
    static let descriptors = 300
    /// Connections that this program's own clients keep open for a while after their last call.
    static let clients = 1024
    static let threads = 120

    /// - Parameter pids: by the process's name.
    /// - Returns: a sentence for each that holds more.
    static func excesses(of pids: [String: pid_t]) -> [String] {
        pids.sorted { $0.key < $1.key }.flatMap { name, pid -> [String] in
            let descriptors = self.descriptors + (name.hasSuffix("-gateway") ? self.clients : 0)
            let files = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd").count) ?? 0
            return [
                (self.status("VmRSS", of: pid) / 1024, self.megabytes, "MB"), (files, descriptors, "descriptors"),
                (self.status("Threads", of: pid), self.threads, "threads"),
            ]
            .filter { $0.0 > $0.1 }.map { "\(name) has \($0.0) \($0.2)" }
        }
    }

    private static func status(_ field: String, of pid: pid_t) -> Int {
        let text = (try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("\(field):") }
        return line.flatMap { $0.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } } ?? 0
    }
}
