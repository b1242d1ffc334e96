import Foundation
package import Glibc

/// A program to be started: all of its environment, and the file that what it writes is appended to.
package struct Command: Sendable {
    /// The program by name or path, and its arguments.
    package let words: [String]
    package let environment: [String: String]
    package let log: String

    package init(words: [String], environment: [String: String], log: String) {
        self.words = words
        self.environment = environment
        self.log = log
    }

    /// The same program with more settings.
    func with(_ settings: [String: String]) -> Command {
        Command(words: self.words, environment: self.environment.merging(settings) { $1 }, log: self.log)
    }

    /// A program that ends with this process, however this one ends.
    package static func untilDeath(_ words: [String], environment: [String: String], log: String) -> Command {
        Command(words: ["setpriv", "--pdeathsig", "KILL", "--"] + words, environment: environment, log: log)
    }
}

/// One process of a command.
package final class Child: Sendable {
    /// How a process ended, for sentences.
    package struct End: Sendable, CustomStringConvertible {
        package let description: String
        /// That ended it; nil when it ended by itself.
        package let signal: Int32?
    }

    package let pid: pid_t
    /// Comes when the process has been reaped, and every process that it started has at least closed its files.
    package let end: Latch<End>

    private init(pid: pid_t, end: Latch<End>) {
        self.pid = pid
        self.end = end
    }

    package static func start(_ command: Command) async throws -> Child {
        let end = Latch<End>()
        let pid = try await SpawningThread.shared.run {
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.arguments = command.words
            process.environment = command.environment
            let log = try Self.appending(to: command.log)
            process.standardInput = FileHandle.nullDevice
            process.standardOutput = log
            process.standardError = log
            process.terminationHandler = { process in
                let status = process.terminationStatus
                switch process.terminationReason {
                case .uncaughtSignal: end.open(End(description: "ended with signal \(status)", signal: status))
                default: end.open(End(description: "ended with status \(status)", signal: nil))
                }
            }
            try process.run()
            try log.close()
            return process.processIdentifier
        }
        return Child(pid: pid, end: end)
    }

    /// Sends a signal to this process alone, as long as it is known to live.
    package func send(_ signal: Int32) {
        guard !self.end.isOpen else { return }
        _ = Glibc.kill(self.pid, signal)
    }

    /// As when the machine takes it away: no goodbye, nothing finished.
    ///
    /// Returns when it is gone.
    package func kill() async {
        self.send(SIGKILL)
        _ = await self.end.value()
    }

    private static func appending(to path: String) throws -> FileHandle {
        if !FileManager.default.fileExists(atPath: path) {
            _ = FileManager.default.createFile(atPath: path, contents: nil)
        }
        let handle = try FileHandle(forWritingTo: URL(filePath: path))
        try handle.seekToEnd()
        return handle
    }
}
