import CProcess
import Dispatch
import ServiceLifecycle

/// Gives back to the system what a burst has left: malloc keeps it else for as long as anything above it is in use.
struct GiveMemoryBack: Service {
    private static let interval: Duration = .seconds(15)
    /// What may have become free since the last time without being given back.
    private static let kept = 16 * 1024 * 1024

    /// It takes milliseconds, in which malloc waits where memory is looked through: seldom, and not on an event loop's thread.
    private let queue = DispatchQueue(label: "give-memory-back", qos: .utility)

    func run() async {
        await cancelWhenGracefulShutdown {
            while true {
                do { try await Task.sleep(for: Self.interval) } catch { return }
                self.queue.async { herald_give_memory_back(Self.kept) }
            }
        }
    }
}
