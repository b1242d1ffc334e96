package import Foundation

/// What the kernel tells of processes.
package struct ProcessEntry: Sendable {
    package let pid: pid_t
    package let parent: pid_t
    /// `T` is stopped, `Z` ended but not yet reaped.
    package let state: Character
    /// Clock ticks since boot: with the pid it names a process for good.
    package let start: UInt64

    /// Nil when there is no such process.
    package init?(_ pid: pid_t) {
        guard let line = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            // The name stands in parentheses and may contain anything: what counts comes after the last one.
            let fields = line.split(separator: ")").last?.split(separator: " "), fields.count > 19,
            let state = fields[0].first, let parent = pid_t(fields[1]), let start = UInt64(fields[19])
        else { return nil }
        self.pid = pid
        self.parent = parent
        self.state = state
        self.start = start
    }

    /// Whether it still runs, and no other process has its number by now.
    package var isAlive: Bool {
        guard let now = ProcessEntry(self.pid) else { return false }
        return now.start == self.start && now.state != "Z"
    }

    package static func children(of parent: pid_t) throws -> [ProcessEntry] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { pid_t($0) }
            .compactMap { ProcessEntry($0) }.filter { $0.parent == parent }
    }
}
