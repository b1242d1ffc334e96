import Foundation

/// What a command has from its process: given to it, so that a test can be the process.
struct CommandContext: Sendable {
    enum Device: Sendable {
        case terminal
        /// A pipe or a file: read by a program.
        case other
    }

    let environment: [String: String]
    /// Where the search for `.herald/env` begins.
    let directory: String
    let device: Device
    let write: @Sendable (String) -> Void
    /// Writes to standard error.
    let warn: @Sendable (String) -> Void
    /// All of standard input.
    let readInput: @Sendable () throws -> Data
    /// Measures and waits for `--wait`.
    let clock: any Clock<Duration>
}

extension CommandContext {
    /// The running process itself.
    static var process: CommandContext {
        CommandContext(
            environment: ProcessInfo.processInfo.environment,
            directory: FileManager.default.currentDirectoryPath,
            device: isatty(STDOUT_FILENO) == 1 ? .terminal : .other,
            write: { try? FileHandle.standardOutput.write(contentsOf: Data($0.utf8)) },
            warn: { try? FileHandle.standardError.write(contentsOf: Data($0.utf8)) },
            readInput: { try FileHandle.standardInput.readToEnd() ?? Data() },
            clock: ContinuousClock()
        )
    }
}
