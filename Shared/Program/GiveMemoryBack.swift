import CProcess
import Dispatch
import ServiceLifecycle

/// Gives back to the system what a burst has left: malloc keeps it else for as long as anything above it is in use.
struct GiveMemoryBack: Service {
    private static let interval: Duration = .seconds(15)
    /// Less than this in free pieces is kept for the next requests.
    private static let kept = 16 * 1024 * 1024

    /// It takes milliseconds, so it is not done where requests are.
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
