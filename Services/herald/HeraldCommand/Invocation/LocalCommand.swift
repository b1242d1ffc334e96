import ArgumentParser

/// A command that calls no API, and so needs neither its address nor a key.
protocol LocalCommand: ParsableCommand {
    /// Does the work.
    ///
    /// - Throws: `CommandFailure`, which says how the process ends.
    func run(in context: CommandContext) throws
}
