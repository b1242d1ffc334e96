import Foundation

/// Asks for one thing of another organization's, and for what nobody has, in turn.
struct IsolationRun {
    /// How the two answers compare.
    struct Comparison: Sendable {
        let kind: String
        var foreign = Samples()
        var unknown = Samples()
        /// Pairs that differ in more than the request's id, or are no 404.
        var differing = 0
    }

    /// Pairs before the first that counts: connections, caches and prepared statements are those of a server that runs.
    private static let warmUp = 200

    let client: LoadClient
    let thing: OwnedThings.Thing

    func callAsFunction(samples: Int) async throws -> Comparison {
        var warming = Comparison(kind: self.thing.kind)
        for _ in 0..<Self.warmUp { try await self.pair(into: &warming) }
        var comparison = Comparison(kind: self.thing.kind)
        for _ in 0..<samples { try await self.pair(into: &comparison) }
        return comparison
    }

    private func pair(into comparison: inout Comparison) async throws {
        let isForeignFirst = Bool.random()
        let first = try await self.ask(isForeign: isForeignFirst, &comparison)
        let second = try await self.ask(isForeign: !isForeignFirst, &comparison)
        if first != second || first == nil { comparison.differing += 1 }
    }

    /// Returns the problem without the request's id; nil for what is no 404.
    private func ask(isForeign: Bool, _ comparison: inout Comparison) async throws -> String? {
        let path = self.thing.path(isForeign ? self.thing.id : self.nobodys)
        let start = ContinuousClock.now
        let answer = try await self.client.get(path)
        let time = ContinuousClock.now - start
        if isForeign { comparison.foreign.append(time) } else { comparison.unknown.append(time) }
        guard answer.status == 404 else { return nil }
        return String(decoding: answer.body, as: UTF8.self).replacing(/"request_id":"[^"]*"/, with: "")
    }

    /// An id that begins as the other does, and so lies in the same place of an index, and ends by chance.
    private var nobodys: UUID {
        var bytes = self.thing.id.uuid
        (bytes.8, bytes.9) = (UInt8.random(in: 0x80...0xBF), UInt8.random(in: 0...255))
        (bytes.10, bytes.11) = (UInt8.random(in: 0...255), UInt8.random(in: 0...255))
        (bytes.12, bytes.13) = (UInt8.random(in: 0...255), UInt8.random(in: 0...255))
        (bytes.14, bytes.15) = (UInt8.random(in: 0...255), UInt8.random(in: 0...255))
        return UUID(uuid: bytes)
    }
}
