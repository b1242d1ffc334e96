import Foundation

/// A worker in a process of its own, so that it can be killed.
final class WorkerProcess {
    private let process = Process()

    /// Starts the program that was built beside these tests.
    init(of platform: Platform, slots: Int) throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        self.process.executableURL = root.appending(path: ".build/debug/outbound-worker")
        self.process.environment = platform.settings.values.merging([
            "MESSAGING_URL": platform.messagingURL, "HTTP_PORT": "0", "WORKER_SLOTS": "\(slots)",
            "LOG_LEVEL": "error", "PATH": "/usr/bin:/bin",
        ]) { $1 }
        try self.process.run()
    }

    /// As when the machine takes it away: no goodbye, nothing finished.
    func killAtOnce() {
        kill(self.process.processIdentifier, SIGKILL)
        self.process.waitUntilExit()
    }

    /// As a deployment does it; returns the exit status.
    func stopGracefully() -> Int32 {
        self.process.terminate()
        self.process.waitUntilExit()
        return self.process.terminationStatus
    }
}
