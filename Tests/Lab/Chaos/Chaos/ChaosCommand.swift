package import ArgumentParser
import Foundation
import Installation
import UnixSignals

/// The command line of the chaos program.
package struct ChaosCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "chaos",
        abstract: "Breaks an installation of its own in every way it knows, and checks that nothing is lost.",
        discussion: """
            Starts a private Postgres, the provider stub and all services, has clients create messages and customers write, and
            plays the faults that the seed decides. Then it heals everything, waits until nothing moves, and compares what
            clients were promised, what the databases hold and what the providers took.

            Exit codes: 0 everything held; 1 something did not, and the command that plays it again is printed; 2 not run; \
            130 stopped.
            """
    )

    @Option(help: "How long faults are played, 20 to 28,800 seconds.")
    var seconds: Int?

    @Option(help: "The same in minutes.")
    var minutes: Int?

    @Option(help: "What decides every fault; a new one unless told.")
    var seed: UInt64?

    @Option(help: "Creates a second, 1 to 1000; 24 unless told, and fewer where a run would have more than 90,000.")
    var rate: Int?

    @Option(
        help: """
            The folder of the built programs; HERALD_BIN, or .build/debug of the checkout, unless told. Programs in a folder named \
            release are taken for what has no fault points.
            """
    )
    var bin: String?

    package init() {}

    package func validate() throws {
        guard (self.seconds == nil) != (self.minutes == nil) else {
            throw ValidationError("Name either --seconds or --minutes.")
        }
        guard (20...28_800).contains(self.duration) else { throw ValidationError("A run has 20 to 28,800 seconds.") }
        guard (1...1000).contains(self.rate ?? 1) else { throw ValidationError("--rate must be 1 to 1000.") }
    }

    /// Runs the arguments of the process, and ends it.
    package static func start() async {
        do {
            guard let command = try self.parseAsRoot() as? ChaosCommand else { throw CleanExit.helpRequest() }
            let settings = command.settings
            try settings.check()
            Foundation.exit(try await Self.play(settings) ? 0 : 1)
        } catch is CancellationError {
            Self.complain("stopped; everything it started has ended.")
            Foundation.exit(130)
        } catch let failure as Unusable {
            Self.complain(failure.description)
            Foundation.exit(2)
        } catch  where !self.exitCode(for: error).isSuccess {
            Self.complain(self.message(for: error))
            Foundation.exit(2)
        } catch {
            self.exit(withError: error)
        }
    }

    private var duration: Int { self.seconds ?? (self.minutes ?? 0) * 60 }

    private var settings: ChaosSettings {
        ChaosSettings(
            duration: .seconds(self.duration),
            seed: self.seed ?? UInt64.random(in: 1...999_999),
            programs: self.bin.map { Programs(in: $0) } ?? .current,
            createsPerSecond: Double(self.rate ?? ChaosSettings.usualRate(for: .seconds(self.duration)))
        )
    }

    /// - Returns: whether everything held.
    /// - Throws: `CancellationError` after SIGINT or SIGTERM, once everything has ended.
    private static func play(_ settings: ChaosSettings) async throws -> Bool {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        return try await withThrowingTaskGroup(of: Bool?.self) { tasks in
            tasks.addTask { try await ChaosRun(settings: settings)() }
            tasks.addTask {
                for await _ in signals { return nil }
                return nil
            }
            let held = try await tasks.next() ?? nil
            tasks.cancelAll()
            guard let held else {
                // What was started is ended by the run, which is waited for.
                while let _ = try? await tasks.next() {}
                throw CancellationError()
            }
            return held
        }
    }

    private static func complain(_ sentence: String) {
        try? FileHandle.standardError.write(contentsOf: Data("chaos: \(sentence)\n".utf8))
    }
}
