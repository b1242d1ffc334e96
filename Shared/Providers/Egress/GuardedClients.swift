import Shared

/// Clients for the servers that tenants chose.
///
/// What the guard decided about a name is believed for some seconds, whatever it was, and asked once for all who wait for it:
/// a tenant whose name servers are slow occupies one thread.
actor GuardedClients {
    /// How long an answer is believed; a client connects to no other address than the answer's in any case.
    static let freshness: Duration = .seconds(10)
    /// Servers known at once; the one that was resolved first is forgotten for a new one.
    static let mostServers = 1000
    /// Addresses of one host that are tried when no connection comes about: one of each family, and one more.
    static let mostAddresses = 3

    typealias Answer = Result<[GuardedClient], EgressGuard.Refusal>

    private struct Entry {
        let answer: Task<Answer, Never>
        let resolvedAt: ContinuousClock.Instant
    }

    private let egress: EgressGuard
    private let now: @Sendable () -> ContinuousClock.Instant
    private let threads = BlockingThreads(name: "resolver", limit: 8)
    private var entries: [Server: Entry] = [:]

    /// - Parameters:
    ///   - egress: decides which hosts may be connected to.
    ///   - now: the clock by which answers become old.
    init(egress: EgressGuard, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        self.egress = egress
        self.now = now
    }

    /// A client for each of the host's addresses, in the resolver's order, never none; or why there is none.
    func clients(for server: Server) async -> Answer {
        let now = self.now()
        let known = self.entries[server]
        if let known, now - known.resolvedAt < Self.freshness { return await known.answer.value }
        if known == nil, self.entries.count >= Self.mostServers { self.forgetOldest() }
        let answer = Task { [egress, threads] in
            let resolved = await threads.run {
                Result { () throws(EgressGuard.Refusal) in
                    try egress.addresses(of: server.host, port: server.port, ports: server.ports)
                }
            }
            // Connections to an address that has stayed are kept.
            let before = (try? await known?.answer.value.get()) ?? []
            return resolved.map { addresses in
                addresses.prefix(Self.mostAddresses).map { address in
                    before.first { $0.address == address } ?? GuardedClient(host: server.host, at: address)
                }
            }
        }
        self.entries[server] = Entry(answer: answer, resolvedAt: now)
        return await answer.value
    }

    private func forgetOldest() {
        guard let oldest = self.entries.min(by: { $0.value.resolvedAt < $1.value.resolvedAt }) else { return }
        self.entries[oldest.key] = nil
    }
}

extension GuardedClients {
    /// Where a URL leads, whatever its path is.
    struct Server: Hashable {
        let isSecure: Bool
        let host: String
        let port: Int

        init(_ address: MediaAddress) {
            self.isSecure = address.isSecure
            self.host = address.host
            self.port = address.port
        }

        /// In clear text only into ranges that are allowed, as for ports that are not usual.
        var ports: Set<Int> { self.isSecure ? EgressGuard.webhookPorts : [] }
    }
}
