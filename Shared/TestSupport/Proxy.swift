import Foundation
import Postgres
import Synchronization

/// Stands between a client and the test server, to cut, stall or refuse connections; one thread for each direction.
package final class Proxy: Sendable {
    package enum Behaviour {
        case pass
        /// Accepts connections and never says a word.
        case stall
        /// Cuts instead of passing on what begins a transaction.
        case cutBeforeBegin
        /// Cuts instead of passing on a `COMMIT`.
        case cutBeforeCommit
        /// Passes `COMMIT` on, and cuts instead of passing back what the server answers.
        case cutAfterCommit
    }

    private struct State {
        var behaviour: Behaviour
        /// Whether the next `COMMIT` is the last that it concerns.
        var isForOneCommit = false
        var listener: Int32?
        var links: [Link] = []
        var acceptedCount = 0
    }

    package let port: Int
    private let serverPort: Int
    private let state: Mutex<State>

    /// Listens on a free port.
    package init(_ behaviour: Behaviour = .pass) async throws {
        let rows = try await TestDatabase.connection.query("SELECT current_setting('port')::int AS port")
        self.serverPort = try rows[0].get("port")
        let listener = try Socket.listen(on: 0)
        self.port = Socket.port(of: listener)
        self.state = Mutex(State(behaviour: behaviour, listener: listener))
        self.accept(on: listener)
    }

    deinit {
        self.goDown()
    }

    /// Reaches the running test's database through the proxy: of repeated keywords libpq takes the last.
    package var url: String { "\(TestDatabase.url) host=127.0.0.1 port=\(self.port)" }
    package var acceptedCount: Int { self.state.withLock(\.acceptedCount) }

    package func behave(_ behaviour: Behaviour) {
        self.state.withLock { state in
            state.behaviour = behaviour
            state.isForOneCommit = false
        }
    }

    /// Behaves so at the next `COMMIT`, and passes everything after it.
    package func behaveOnce(_ behaviour: Behaviour) {
        self.state.withLock { state in
            state.behaviour = behaviour
            state.isForOneCommit = true
        }
    }

    /// Once: the next transaction begins.
    private func cutsBeforeBegin() -> Bool {
        self.state.withLock { state in
            guard state.behaviour == .cutBeforeBegin else { return false }
            state.behaviour = .pass
            return true
        }
    }

    private func behaviourAtCommit() -> Behaviour {
        self.state.withLock { state in
            defer {
                if state.isForOneCommit { state.behaviour = .pass }
            }
            return state.behaviour
        }
    }

    /// Refuses new connections and cuts those there are.
    package func goDown() {
        self.state.withLock { state in
            if let listener = state.listener { Socket.shutDown(listener) }
            state.listener = nil
        }
        self.cut()
    }

    /// Cuts the connections there are.
    package func cut() {
        let links = self.state.withLock { state in
            defer { state.links = [] }
            return state.links
        }
        for link in links { link.cut() }
    }

    package func comeBack(_ behaviour: Behaviour = .pass) throws {
        let listener = try Socket.listen(on: self.port)
        self.state.withLock { state in
            state.behaviour = behaviour
            state.listener = listener
        }
        self.accept(on: listener)
    }

    private func accept(on listener: Int32) {
        Thread.detachNewThread { [weak self] in
            while let client = Socket.accept(on: listener) {
                guard let self else {
                    Socket.close(client)
                    break
                }
                self.connect(client)
            }
            // Not by who stops it: the number would be the next listener's, whose connections this thread would take.
            Socket.close(listener)
        }
    }

    private func connect(_ client: Int32) {
        let isStalling = self.state.withLock { state in
            state.acceptedCount += 1
            return state.behaviour == .stall
        }
        guard let server = isStalling ? Socket.make() : Socket.connect(to: self.serverPort) else {
            return Socket.close(client)
        }
        let link = Link(client: client, server: server)
        self.state.withLock { $0.links.append(link) }
        if isStalling { return }
        Thread.detachNewThread { [weak self] in
            link.pump(from: client, to: server) { bytes in
                if bytes.firstRange(of: Array("app.org_ids".utf8)) != nil, self?.cutsBeforeBegin() == true {
                    return .cutBeforeBegin
                }
                guard bytes.firstRange(of: Array("COMMIT".utf8)) != nil else { return .pass }
                return self?.behaviourAtCommit() ?? .pass
            }
        }
        Thread.detachNewThread {
            link.pump(from: server, to: client) { _ in .pass }
        }
    }
}

/// Two sockets, and what of the one's bytes reaches the other.
private final class Link: Sendable {
    private let client: Int32
    private let server: Int32
    private let swallowsAnswers = Atomic<Bool>(false)

    init(client: Int32, server: Int32) {
        self.client = client
        self.server = server
    }

    deinit {
        Socket.close(self.client)
        Socket.close(self.server)
    }

    func cut() {
        Socket.shutDown(self.client)
        Socket.shutDown(self.server)
    }

    func pump(from: Int32, to: Int32, _ judge: ([UInt8]) -> Proxy.Behaviour) {
        while let bytes = Socket.read(from) {
            if from == self.server, self.swallowsAnswers.load(ordering: .sequentiallyConsistent) { break }
            switch judge(bytes) {
            case .pass, .stall: break
            case .cutBeforeBegin, .cutBeforeCommit: return self.cut()
            case .cutAfterCommit: self.swallowsAnswers.store(true, ordering: .sequentiallyConsistent)
            }
            guard Socket.write(bytes, to: to) else { break }
        }
        self.cut()
    }
}
