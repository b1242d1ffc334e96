import ArgumentParser

/// A command that calls the API.
protocol APICommand: ParsableCommand {
    /// Does the work.
    ///
    /// - Throws: `CommandFailure`, which says how the process ends.
    func run(in session: Session) async throws
}
