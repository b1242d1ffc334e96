import Foundation

/// What everything ran on.
struct Machine: Codable, Sendable, Equatable {
    let cores: Int
    let memoryMB: Int
    let processor: String
    let system: String

    private enum CodingKeys: String, CodingKey {
        case cores, processor, system
        case memoryMB = "memory_mb"
    }

    static var current: Machine {
        Machine(
            cores: ProcessInfo.processInfo.activeProcessorCount,
            memoryMB: Int(ProcessInfo.processInfo.physicalMemory >> 20),
            processor: Self.line("model name", in: "/proc/cpuinfo") ?? "unknown processor",
            system: Self.line("PRETTY_NAME", in: "/etc/os-release") ?? "unknown system"
        )
    }

    /// Memory that programs could still have, in MB; nil when the system does not tell.
    static var availableMB: Int? {
        Self.line("MemAvailable", in: "/proc/meminfo").flatMap { Int($0.prefix { $0.isNumber }) }.map { $0 >> 10 }
    }

    /// The value of the first line of that name: `name : value` or `name="value"`.
    private static func line(_ name: String, in file: String) -> String? {
        guard let text = try? String(contentsOfFile: file, encoding: .utf8) else { return nil }
        let line = text.split(separator: "\n").first { $0.hasPrefix(name) }
        return line?.drop { $0 != ":" && $0 != "=" }.dropFirst().trimmingCharacters(
            in: CharacterSet(charactersIn: " \t\"")
        )
    }
}
