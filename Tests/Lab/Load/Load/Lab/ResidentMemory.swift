import Foundation

/// Memory of processes that is in use, as the kernel counts it.
enum ResidentMemory {
    /// In MB, by the processes' names; those that have ended are left out.
    static func megabytes(of pids: [String: Int32]) -> [String: Double] {
        pids.compactMapValues { pid in
            guard let text = try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8) else { return nil }
            return Self.megabytes(inStatus: text)
        }
    }

    /// Of `VmRSS:     1234 kB`.
    static func megabytes(inStatus text: String) -> Double? {
        let line = text.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return line?.split(separator: " ").dropFirst().first.flatMap { Double($0) }.map { $0 / 1024 }
    }
}
