import Foundation

/// Asks the provider stub what arrived.
struct StubClient: Sendable {
    /// Entries that the stub keeps for `/control/ledger`.
    static let ledgerLimit = 100_000

    let client: LoadClient

    /// Messages accepted since the stub's start.
    func acceptedCount() async throws(LoadFailure) -> Int {
        try await self.decode(StubCounts.self, from: "/control/stats").accepted
    }

    /// Of the last `count` ledger entries those whose request holds a mark of `run`.
    func arrivals(of run: RunMarks, last count: Int) async throws(LoadFailure) -> [Arrival] {
        let data = try await self.get("/control/ledger?limit=\(min(max(count, 1), Self.ledgerLimit))")
        guard let json = try? JSONSerialization.jsonObject(with: data) as? [String: Any],
            let entries = json["entries"] as? [[String: Any]]
        else {
            throw self.foreign("/control/ledger")
        }
        let format = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        return entries.compactMap { entry in
            guard let number = entry["request"].flatMap(run.number),
                let at = (entry["at"] as? String).flatMap({ try? format.parse($0) })
            else { return nil }
            return Arrival(number: number, at: at, providerID: entry["provider_id"] as? String)
        }
    }

    private func decode<Value: Decodable>(_ type: Value.Type, from path: String) async throws(LoadFailure) -> Value {
        let data = try await self.get(path)
        guard let value = try? JSONDecoder().decode(type, from: data) else { throw self.foreign(path) }
        return value
    }

    private func get(_ path: String) async throws(LoadFailure) -> Data {
        let answer = try await self.client.get(path)
        guard answer.status == 200 else { throw self.foreign(path) }
        return answer.body
    }

    private func foreign(_ path: String) -> LoadFailure {
        LoadFailure("\(self.client.baseURL)\(path) does not answer as provider-stub does; is --stub right?")
    }
}

private struct StubCounts: Decodable {
    let accepted: Int
}

/// A message of ours in the stub's ledger.
struct Arrival: Sendable, Equatable {
    let number: Int
    /// When the stub took it, by the machine's clock, to the millisecond.
    let at: Date
    /// What the stub calls it.
    let providerID: String?
}
