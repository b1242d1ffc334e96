import Installation
import Synchronization
import TestClient

/// A proxy on each way between programs, made when the way is first asked for.
final class FaultyNetwork: Sendable {
    private let proxies = Mutex<[Way: FaultyProxy]>([:])

    /// Where a program reaches what listens on `port`.
    func route(_ way: Way, to port: Int) async throws -> Int {
        if let proxy = self.proxies.withLock({ $0[way] }) { return proxy.port }
        let proxy = try await FaultyProxy.start(on: try FreePort.find(), to: port)
        self.proxies.withLock { $0[way] = proxy }
        return proxy.port
    }

    /// Breaks a way, or heals it with nil.
    func set(_ fault: NetworkFault?, on way: Way) {
        self.proxies.withLock { $0[way] }?.set(fault)
    }

    func healAll() {
        for proxy in self.proxies.withLock({ Array($0.values) }) { proxy.set(nil) }
    }

    func close() async {
        for proxy in self.proxies.withLock({ Array($0.values) }) { await proxy.close() }
    }
}
