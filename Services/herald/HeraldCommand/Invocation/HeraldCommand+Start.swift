import ArgumentParser
import AsyncHTTPClient
import Foundation

extension HeraldCommand {
    /// Runs the arguments of the process, and ends it with the command's exit code.
    package static func start() async {
        // Who reads our output may stop early, as `head` does: then a write fails, and must not end us with a signal.
        signal(SIGPIPE, SIG_IGN)
        Foundation.exit(await self.run(Array(CommandLine.arguments.dropFirst()), in: .process))
    }

    /// Runs one command line.
    ///
    /// - Returns: the exit code.
    static func run(_ arguments: [String], in context: CommandContext) async -> Int32 {
        do {
            var command = try self.parseAsRoot(arguments)
            if let local = command as? any LocalCommand {
                try local.run(in: context)
                return 0
            }
            guard let apiCommand = command as? any APICommand else {
                // A group without a command, or a request of the parser itself: both show help.
                try command.run()
                return 0
            }
            try await Session.with(context) { try await apiCommand.run(in: $0) }
            return 0
        } catch let failure as CommandFailure {
            if let message = failure.message { context.warn(message) }
            return failure.exitCode
        } catch {
            return self.report(error, in: context)
        }
    }

    private static func report(_ error: any Error, in context: CommandContext) -> Int32 {
        let text = self.fullMessage(for: error) + "\n"
        guard self.exitCode(for: error).isSuccess else {
            context.warn(text)
            return CommandFailure.usage("").exitCode
        }
        context.write(text)
        return 0
    }
}
