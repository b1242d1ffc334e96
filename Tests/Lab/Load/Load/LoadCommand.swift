package import ArgumentParser
import Foundation

/// The command line of the load program; each measurement has a folder of its own.
package struct LoadCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Measures a running Herald from outside, through its public API.",
        discussion: """
            Loops are closed: each connection sends its next request when the last one is answered. But for webhooks, which come
            at a steady rate whatever becomes of those before.

            Exit codes: 0 measured; 1 measured, and something was not as it should be; 2 could not measure.
            """,
        subcommands: [
            CreateLoad.self, DrainLoad.self, IdleLoad.self, WebhookLoad.self, IsolationLoad.self, AbuseLoad.self,
            SignatureLoad.self,
        ]
    )

    package init() {}

    /// Runs the arguments of the process, and ends it.
    package static func start() async {
        do {
            var command = try self.parseAsRoot()
            guard let measurement = command as? any Measurement else {
                try command.run()
                return
            }
            let verdict = try await measurement.measure()
            Foundation.exit(verdict == .asExpected ? 0 : 1)
        } catch let failure as LoadFailure {
            try? FileHandle.standardError.write(contentsOf: Data("load: \(failure.sentence)\n".utf8))
            Foundation.exit(2)
        } catch  where !self.exitCode(for: error).isSuccess {
            try? FileHandle.standardError.write(contentsOf: Data((self.fullMessage(for: error) + "\n").utf8))
            Foundation.exit(2)
        } catch {
            self.exit(withError: error)
        }
    }
}
