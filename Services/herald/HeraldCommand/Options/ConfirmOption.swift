import ArgumentParser

/// For what can not be taken back.
struct ConfirmOption: ParsableArguments {
    @Flag(help: "Do not ask first; needed where there is no terminal to ask at.")
    var yes = false

    /// Returns when it may be done.
    ///
    /// - Parameters:
    ///   - context: has the person to ask.
    ///   - question: made only when it is asked.
    /// - Throws: `CommandFailure`, when the answer is not yes, or nobody is there to give one.
    func check(in context: CommandContext, _ question: () async throws -> String) async throws {
        guard !self.yes else { return }
        guard let ask = context.ask else {
            throw CommandFailure.usage("This can not be taken back: give --yes where there is no terminal to ask at.")
        }
        let answer = ask(PlainText.of(try await question()) + " [y/N] ") ?? ""
        guard ["y", "yes"].contains(answer.lowercased().filter { !$0.isWhitespace }) else {
            throw CommandFailure.declined
        }
    }
}
