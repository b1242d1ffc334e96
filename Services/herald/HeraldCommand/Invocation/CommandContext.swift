import Foundation
import Shared

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
    /// Asks the person at the terminal, and gives the line they type; nil where there is nobody to ask.
    let ask: (@Sendable (_ question: String) -> String?)?
    /// Measures and waits: for messages, for jobs, and between two looks at the queue.
    let clock: any Clock<Duration>
    /// The time of day, for ages.
    let now: @Sendable () -> Timestamp
    /// For what has no end of its own: from then on Ctrl-C, or that nobody reads any more, ends the process with 0.
    let endWhenLeft: @Sendable () -> Void
}

extension CommandContext {
    /// The running process itself.
    static var process: CommandContext {
        let output = ProcessOutput()
        return CommandContext(
            environment: ProcessInfo.processInfo.environment,
            directory: FileManager.default.currentDirectoryPath,
            device: isatty(STDOUT_FILENO) == 1 ? .terminal : .other,
            write: { output.write($0) },
            warn: { try? FileHandle.standardError.write(contentsOf: Data($0.utf8)) },
            readInput: { try FileHandle.standardInput.readToEnd() ?? Data() },
            ask: self.person,
            clock: ContinuousClock(),
            now: { .now },
            endWhenLeft: { output.endWhenLeft() }
        )
    }

    /// Both ways must be the terminal's: a question that is not seen, or whose answer comes from a file, asks nobody.
    private static var person: (@Sendable (String) -> String?)? {
        guard isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1 else { return nil }
        return { question in
            try? FileHandle.standardError.write(contentsOf: Data(question.utf8))
            return readLine()
        }
    }
}
