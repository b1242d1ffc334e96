import Hummingbird
import NIOCore

/// A request's context that still knows its connection, so that a behaviour can close it.
struct StubRequestContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        self.coreContext = CoreRequestContextStorage(source: source)
        self.channel = source.channel
    }

    /// Longer than any client waits, so that a forgotten connection still ends.
    static var longestHang: TimeAmount { .minutes(10) }
}
