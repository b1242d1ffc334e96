package import ArgumentParser
import EventLoopTasks
import Foundation
import UnixSignals

/// The command line of the load program; each measurement has a folder of its own.
package struct LoadCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Measures Herald from outside, through its public API.",
        discussion: """
            Loops are closed, each connection sends its next request when the last one is answered, or open: requests come at a \
            steady rate whatever becomes of those before, and are timed from the moment at which they were to be sent.

            Exit codes: 0 measured; 1 measured, and something was not as it should be; 2 could not measure, or was stopped.
            """,
        subcommands: [
            AllLoad.self, CreateLoad.self, ScenarioLoad<BatchScenario>.self, DrainLoad.self, IdleLoad.self,
            WebhookLoad.self, ScenarioLoad<SustainedScenario>.self, ScenarioLoad<MemoryScenario>.self,
            ScenarioLoad<OverloadScenario>.self, ScenarioLoad<SlowCommitScenario>.self,
            ScenarioLoad<SoakScenario>.self, ScenarioLoad<FairScenario>.self, ScenarioLoad<GrowthScenario>.self,
            IsolationLoad.self, AbuseLoad.self, CrowdLoad.self, SignatureLoad.self,
        ]
    )

    package init() {}

    /// Runs the arguments of the process, and ends it.
    package static func start() async {
        OpenFiles.allowMost()
        // It shares the processors with what it measures.
        EventLoopTasks.begin()
        do {
            var command = try self.parseAsRoot()
            guard let measurement = command as? any Measurement else {
                try command.run()
                return
            }
            let verdict = try await self.interruptible { try await measurement.measure() }
            Foundation.exit(verdict == .asExpected ? 0 : 1)
        } catch let failure as LoadFailure {
            self.fail("load: \(failure.sentence)")
        } catch is CancellationError {
            self.fail("load: stopped.")
        } catch  where !self.exitCode(for: error).isSuccess {
            self.fail("load: \(self.message(for: error))")
        } catch {
            self.exit(withError: error)
        }
    }

    /// Runs `body`, cancelled by Ctrl-C or SIGTERM: then it ends what it started, and throws.
    private static func interruptible(
        _ body: @escaping @Sendable () async throws -> Verdict
    ) async throws -> Verdict {
        let work = Task { try await body() }
        let watch = Task {
            for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) {
                // Who insists does not wait: the kernel ends what was started with this program.
                if work.isCancelled { self.fail("load: stopped at once.") }
                work.cancel()
            }
        }
        defer { watch.cancel() }
        let result = await work.result
        // What loops counted until then is no figure.
        if work.isCancelled { throw CancellationError() }
        return try result.get()
    }

    private static func fail(_ sentence: String) -> Never {
        try? FileHandle.standardError.write(contentsOf: Data("\(sentence)\n".utf8))
        Foundation.exit(2)
    }
}
