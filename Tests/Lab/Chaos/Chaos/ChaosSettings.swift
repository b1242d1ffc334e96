import Foundation
import Installation

/// What a run is told.
struct ChaosSettings: Sendable {
    /// The stub keeps so many accepted messages in memory, with room for what is repeated.
    static let mostMessages = 90_000
    static let organizations = 3
    static let workers = 4

    let duration: Duration
    let seed: UInt64
    let programs: Programs
    /// Creates a second, of all organizations together.
    let createsPerSecond: Double

    var form: Form { Form(self.duration) }
    /// Fault points and wrong clocks are compiled into debug builds only.
    var hasFaultPoints: Bool { !self.programs.areOptimized }
    /// How long an uncertain message waits for evidence, in seconds: not less than a lease, and longer than its provider may be
    /// cut off from us.
    var uncertainHold: Int { self.form.isShort ? 60 : 120 }
    /// Rounds of all fault points: one in a minute, fifty in half an hour.
    var rounds: Int { self.hasFaultPoints ? max(Int(self.duration / .seconds(36)), 1) : 0 }
    /// What a run must hit of each fault point: once, and of many rounds four of five, since a victim may not come there in time.
    var leastHits: Int { self.hasFaultPoints ? max(self.rounds * 4 / 5, 1) : 0 }

    /// What a debug build keeps up with on two processors, and fewer where a run would have too many messages.
    static func usualRate(for duration: Duration) -> Int {
        min(24, Int(Double(self.mostMessages) / (duration / .seconds(1))))
    }

    /// The command that plays the same schedule again.
    var command: String {
        let seconds = Int(self.duration / .seconds(1))
        return "\(CommandLine.arguments.first ?? "chaos") --seconds \(seconds) --seed \(self.seed)"
            + " --rate \(Int(self.createsPerSecond)) --bin \(self.programs.folder.path())"
    }

    /// Looks for what a run needs.
    ///
    /// - Throws: `Unusable` with a sentence on what is missing.
    func check() throws {
        let names = [
            "api-gateway", "inbound-gateway", "customer-service", "conversation-service", "messaging-service",
            "outbound-worker",
        ]
        for name in names { _ = try self.programs.path(of: name) }
        let needed = 3 << 30
        let folder = FileManager.default.temporaryDirectory.path()
        let attributes = try FileManager.default.attributesOfFileSystem(forPath: folder)
        let free = (attributes[.systemFreeSize] as? NSNumber)?.intValue ?? 0
        guard free >= needed else { throw Unusable("\(folder) has \(free >> 20) MB left, and a run needs 3 GB.") }
        let memory = try Self.availableMemory()
        guard memory >= needed else { throw Unusable("\(memory >> 20) MB of memory are left, and a run needs 3 GB.") }
        guard self.createsPerSecond * (self.duration / .seconds(1)) <= Double(Self.mostMessages) else {
            throw Unusable("A run has at most \(Self.mostMessages) messages: lower --rate or the duration.")
        }
    }

    private static func availableMemory() throws -> Int {
        let text = try String(contentsOfFile: "/proc/meminfo", encoding: .utf8)
        let line = text.split(separator: "\n").first { $0.hasPrefix("MemAvailable:") }
        let kilobytes = line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }
        return (kilobytes ?? 0) * 1024
    }
}
