import Foundation
import ProviderStub
import Shared

/// What the providers took, told apart by message.
struct HandedOver {
    /// Message ids in the order in which each was first taken.
    private(set) var order: [String] = []
    private(set) var firstAt: [String: Date] = [:]
    /// How often each provider took each message.
    private(set) var counts: [StubProvider: [String: Int]] = [:]
    /// References that name no attempt.
    private(set) var unreadable: [String] = []

    init(_ entries: [LedgerEntry]) {
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

    var ids: Set<String> { Set(self.order) }

    /// Messages that a provider took more than once.
    func repeated(by provider: StubProvider) -> [String] {
        (self.counts[provider] ?? [:]).filter { $0.value > 1 }.keys.sorted()
    }

    /// Messages that any provider took more than once.
    var repeated: [String] { StubProvider.allCases.flatMap { self.repeated(by: $0) } }
}

extension RunningProviderStub {
    var handedOver: HandedOver { HandedOver(self.ledger.entries) }
}
