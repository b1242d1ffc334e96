import Foundation
import NIOCore
import Synchronization

/// Everything accepted: in the file for good, and the last part of it in memory.
package final class Ledger: Sendable {
    private struct Memory {
        var entries = CircularBuffer<LedgerEntry>()
        var ids: Set<String> = []
        var bytes = 0
    }

    /// Entries kept in memory, as many as reconciliation in the largest test looks back.
    static let maximumEntries = 100_000
    /// Bytes of requests kept in memory, so that large emails do not fill it.
    static let maximumBytes = 256 << 20

    private let file: LedgerFile
    private let memory = Mutex(Memory())

    init(file: LedgerFile) {
        self.file = file
    }

    /// What was accepted since the start, oldest first, up to 100,000 entries or 256 MiB of requests.
    package var entries: [LedgerEntry] {
        self.memory.withLock { Array($0.entries) }
    }

    /// The newest entries, oldest first.
    package func last(_ count: Int) -> [LedgerEntry] {
        self.memory.withLock { Array($0.entries.suffix(count)) }
    }

    /// Whether a message with this id of the provider is among those in memory.
    func contains(providerID: String) -> Bool {
        self.memory.withLock { $0.ids.contains(providerID) }
    }

    /// What one account sent, newest first, as Twilio lists it.
    func entries(
        provider: StubProvider,
        account: String,
        to recipient: String?,
        since start: Date,
        limit: Int
    ) -> [LedgerEntry] {
        self.memory.withLock { memory in
            var found: [LedgerEntry] = []
            for entry in memory.entries.reversed() where found.count < limit {
                if entry.provider == provider, entry.account == account, entry.at >= start,
                    recipient == nil || entry.to == recipient
                {
                    found.append(entry)
                }
            }
            return found
        }
    }

    /// Returns once the entry is on the disk; only then the message counts as accepted.
    func append(_ entry: LedgerEntry) async throws {
        try await self.file.append(entry.line)
        self.memory.withLock { memory in
            memory.entries.append(entry)
            memory.ids.insert(entry.providerID)
            memory.bytes += entry.request.utf8.count
            while memory.entries.count > Self.maximumEntries || memory.bytes > Self.maximumBytes {
                guard let oldest = memory.entries.popFirst() else { break }
                memory.ids.remove(oldest.providerID)
                memory.bytes -= oldest.request.utf8.count
            }
        }
    }
}
