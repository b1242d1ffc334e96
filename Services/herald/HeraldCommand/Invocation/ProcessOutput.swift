import Foundation
import Synchronization

/// Standard output of the running process.
final class ProcessOutput: Sendable {
    private enum Ending {
        /// The command goes on to its own end, whoever reads.
        case byItself
        case whenLeft
    }

    private let ending = Mutex(Ending.byItself)

    func write(_ text: String) {
        do {
            try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
        } catch {
            switch self.ending.withLock({ $0 }) {
            case .byItself: break
            case .whenLeft: _exit(0)
            }
        }
    }

    func endWhenLeft() {
        self.ending.withLock { $0 = .whenLeft }
        signal(SIGINT) { _ in _exit(0) }
    }
}
