package import Foundation
package import ProviderStub
import Shared

/// What the providers took, told apart by message.
package struct HandedOver {
    /// Message ids in the order in which each was first taken.
    package private(set) var order: [String] = []
    package private(set) var firstAt: [String: Date] = [:]
    /// How often each provider took each message.
    package private(set) var counts: [StubProvider: [String: Int]] = [:]
    /// References that name no attempt.
    package private(set) var unreadable: [String] = []

    package init(_ entries: [LedgerEntry]) {
        for entry in entries {
            guard let id = entry.reference.flatMap({ AttemptReference($0) })?.messageID.description else {
                self.unreadable.append(entry.reference ?? "none")
                continue
            }
            self.counts[entry.provider, default: [:]][id, default: 0] += 1
            guard self.firstAt[id] == nil else { continue }
            self.firstAt[id] = entry.at
            self.order.append(id)
        }
    }

    package var ids: Set<String> { Set(self.order) }

    /// Messages that a provider took more than once.
    package func repeated(by provider: StubProvider) -> [String] {
        (self.counts[provider] ?? [:]).filter { $0.value > 1 }.keys.sorted()
    }

    /// Messages that any provider took more than once.
    package var repeated: [String] { StubProvider.allCases.flatMap { self.repeated(by: $0) } }
}

extension RunningProviderStub {
    package var handedOver: HandedOver { HandedOver(self.ledger.entries) }
}
