import Foundation
import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// Random acts of one seed on a service, and the model beside it.
struct RandomRun {
    /// What the provider wants when it is asked too often.
    static let throttling: Duration = .seconds(3600)
    static let recipients = ["+15550000001", "+15550000002", "+15550000003"]
    static let error = ProviderError(code: "sandbox-fault", detail: "Played.")

    let seed: UInt64
    let fixture: MessagingFixture
    let accountID: AccountID
    var random: SplitMix64
    var model = MessageModel()
    var leases: [MessagingAPI.Lease] = []
    /// All that ever were, and one that never was.
    var ids: [MessageID] = [.new()]
    var latest: [MessageID: Int] = [:]
    var trace: [String] = []

    init(seed: UInt64) async throws {
        (self.seed, self.random) = (seed, SplitMix64(state: seed))
        self.fixture = try MessagingFixture(leaseTime: .seconds(3600), conversations: .byRecipient)
        self.accountID = try await self.fixture.account(.sandbox)
    }

    mutating func step() async throws {
        switch Int.random(in: 0..<100, using: &self.random) {
        case 0..<20: try await self.create()
        case 20..<35: try await self.lease(self.number(1...4))
        case 35..<55: try await self.tell()
        case 55..<71: try await self.report()
        case 71..<77: try await self.act([self.anyID()])
        case 77..<84: try await self.edit()
        case 84..<88: try await self.resolve()
        case 88..<90: try await self.act(Array(Set((0..<8).map { _ in self.anyID() })).sorted())
        case 90..<92: try await self.job()
        default: try await self.pass()
        }
    }

    // MARK: - Chance

    /// Mostly one that is still in the queue, or failed.
    mutating func anyID() -> MessageID {
        let near = self.ids.filter { self.model[$0].map { $0.stand != .out || $0.status == .failed } ?? false }
        return (self.chance(80) ? near.randomElement(using: &self.random) : nil) ?? self.pick(self.ids)
    }

    /// Removes less than the rest makes.
    mutating func anyAction() -> MessageModel.Action {
        self.pick([.cancel, .retry, .retry, .delete, .sendNow, .sendNow])
    }

    mutating func pick<Value>(_ values: [Value]) -> Value { values[self.number(0...values.count - 1)] }
    mutating func number(_ range: ClosedRange<Int>) -> Int { .random(in: range, using: &self.random) }
    mutating func chance(_ percent: Int) -> Bool { self.number(1...100) <= percent }
}

/// The same sequence for the same seed.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var word = self.state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}

extension MessageModel.Action {
    var asJob: JobAction {
        switch self {
        case .cancel: .cancel
        case .retry: .retry
        case .delete: .delete
        case .sendNow: .sendNow
        }
    }
}

extension MessageModel.Heard {
    var asReported: MessagingAPI.ReportEffect {
        switch self {
        case .applied: .applied
        case .late: .ignored
        case .unknown: .unmatched
        }
    }
}

extension ChangeMessages.Effect {
    var answer: MessageModel.Answer {
        switch self {
        case .changed(let status): .changed(status)
        case .refused(.inFlight): .inFlight
        case .refused(.wrongState(let status, _)): .refused(status)
        case .refused(.inbound): .refused(.delivered)
        case .unknown: .unknown
        }
    }
}

extension SettleMessages.Effect {
    var heard: MessageModel.Heard {
        switch self {
        case .applied(let status): .applied(status)
        case .ignored: .late
        case .unknown: .unknown
        }
    }
}
