import ProviderStub
import Shared
package import TestClient

extension Installation {
    /// Sends messages that WhatsApp takes, and about which it says nothing by itself.
    package func send(_ count: Int, by tenant: API) async throws -> [InboundTraffic.SentMessage] {
        self.stub.callbacks.update { $0.isEnabled = false }
        let ids = Set(try await tenant.create((0..<count).map { textMessage(to: phone($0), "\($0)") }))
        guard try await tenant.drain(within: .seconds(60)) != nil else { throw Unusable("The queue did not drain.") }
        return self.stub.ledger.entries.compactMap { entry in
            let id = entry.reference.flatMap { AttemptReference($0) }?.messageID.description
            return id.flatMap { ids.contains($0) ? .init(id: $0, providerID: entry.providerID) : nil }
        }
    }
}

extension API {
    /// The messages of which not every status was put down once, or that are not as far as the furthest of them.
    ///
    /// Looks until there are none, for as long as what waits may need. `expected` has the statuses of each in the order of the
    /// alphabet.
    package func wrongReports(_ expected: [String: [String]]) async throws -> [String] {
        var wrong = expected.keys.sorted()
        _ = try await timeUntil(.seconds(30), every: .milliseconds(500)) {
            var left: [String] = []
            for id in wrong where try await !self.has(expected[id] ?? [], of: id) { left.append(id) }
            wrong = left
            return wrong.isEmpty
        }
        return wrong
    }

    private func has(_ reports: [String], of id: String) async throws -> Bool {
        let entries = try await self.get("/api/v1/messages/\(id)/timeline").json["data"]?.array ?? []
        let told = entries.filter { $0["type"]?.string?.hasPrefix("provider_report") == true }
            .compactMap { $0["detail"]?["status"]?.string }
        guard told.sorted() == reports else { return false }
        return try await self.status(of: id) == (reports.contains("read") ? "read" : "delivered")
    }
}
