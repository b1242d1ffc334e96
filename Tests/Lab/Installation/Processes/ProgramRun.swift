import Foundation

/// A program as a user starts it, with a folder of its own for temporary files.
package struct ProgramRun: Sendable {
    package let child: Child
    private let folder: URL

    private init(_ words: [String], in folder: URL) async throws {
        let files = FileManager.default
        try files.createDirectory(at: folder.appending(path: "tmp"), withIntermediateDirectories: true)
        // As the system's own: a Postgres that is started there has a user of its own.
        try files.setAttributes([.posixPermissions: 0o1777], ofItemAtPath: folder.appending(path: "tmp").path())
        self.folder = folder
        self.child = try await Child.start(
            .untilDeath(
                words,
                environment: ["PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "TMPDIR": folder.appending(path: "tmp").path()],
                log: folder.appending(path: "log").path()
            )
        )
    }

    /// All that it has written until now.
    package var text: String {
        (try? String(contentsOf: self.folder.appending(path: "log"), encoding: .utf8)) ?? ""
    }

    package var lines: [Substring] { self.text.split(separator: "\n") }

    /// The names of the temporary files that are there.
    package var leftovers: [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: self.folder.appending(path: "tmp").path())) ?? []
    }

    /// Runs `body` beside a program, which is killed at the end if it still runs.
    ///
    /// - Parameters:
    ///   - words: the program and its arguments.
    ///   - body: what to do with it.
    /// - Throws: what `body` throws, or why the program did not start.
    package static func with(_ words: [String], _ body: (ProgramRun) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "herald-program-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        let run = try await ProgramRun(words, in: folder)
        do {
            try await body(run)
        } catch {
            await run.child.kill()
            throw error
        }
        await run.child.kill()
    }
}
