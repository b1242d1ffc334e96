import InboundGateway
import InternalAPI
import Shared
import Synchronization
import TestSupport

/// Whether a service that plays another one is there.
enum FakeMode: Sendable {
    case up
    /// Refuses the connection.
    case down
    /// Does not answer as long as it is in this mode; whoever still waits then finds the connection lost.
    case hanging
    /// Answers 422 to a call in which this event stands.
    case refusing(eventKey: String)
}

/// A service that can be taken away.
final class FakeSwitch: Sendable {
    private let mode = Mutex(FakeMode.up)
    private let count = Atomic(0)

    /// How often it was called.
    var calls: Int { self.count.load(ordering: .relaxed) }

    func set(_ mode: FakeMode) {
        self.mode.withLock { $0 = mode }
    }

    /// Returns when the service would answer a call about these events.
    func answer(about keys: [String] = []) async throws {
        self.count.add(1, ordering: .relaxed)
        switch self.mode.withLock(\.self) {
        case .up: break
        case .down: throw Problem.unavailable
        case .refusing(let key):
            guard keys.contains(key) else { return }
            throw Problem(code: "report-invalid", status: 422, title: "It is not wanted.")
        case .hanging:
            try await eventually { !self.isHanging }
            throw Problem.unavailable
        }
    }

    private var isHanging: Bool {
        if case .hanging = self.mode.withLock(\.self) { true } else { false }
    }
}

final class FakeMessaging: MessagingClient {
    private struct State {
        var accounts: [MessagingAPI.WebhookAccount] = []
        var applied: [MessagingAPI.AccountReport] = []
        var received: [MessagingAPI.Receive] = []
        var questions = 0
    }

    private let state = Mutex(State())
    private let isThere = FakeSwitch()

    /// Every report it took, repetitions included.
    var applied: [MessagingAPI.AccountReport] { self.state.withLock(\.applied) }
    var appliedKeys: [String] { self.applied.map(\.report.eventKey).sorted() }
    /// Every message it took, repetitions included.
    var received: [MessagingAPI.Receive] { self.state.withLock(\.received) }
    /// How often it was asked for an account.
    var questions: Int { self.state.withLock(\.questions) }

    func set(_ mode: FakeMode) {
        self.isThere.set(mode)
    }

    func set(_ accounts: [MessagingAPI.WebhookAccount]) {
        self.state.withLock { $0.accounts = accounts }
    }

    func apply(_ reports: [MessagingAPI.AccountReport]) async throws -> MessagingAPI.ReportAnswer {
        try await self.isThere.answer(about: reports.map(\.report.eventKey))
        self.state.withLock { $0.applied += reports }
        return MessagingAPI.ReportAnswer(effects: reports.map { _ in .applied })
    }

    func receive(_ items: [MessagingAPI.Receive]) async throws -> [MessagingAPI.Received] {
        try await self.isThere.answer(about: items.map(\.message.eventKey))
        self.state.withLock { $0.received += items }
        return items.map { _ in MessagingAPI.Received(messageID: .new()) }
    }

    func webhookAccount(_ query: MessagingAPI.WebhookAccountQuery) async throws -> MessagingAPI.WebhookAccount? {
        self.state.withLock { $0.questions += 1 }
        try await self.isThere.answer()
        return self.state.withLock(\.accounts).first { account in
            switch query {
            case .id(let id): account.accountID == id
            case .number(let provider, let number): account.provider == provider && account.number == number
            }
        }
    }
}

final class FakeCustomers: CustomerClient {
    private let items = Mutex<[CustomerAPI.Receive]>([])
    private let isThere = FakeSwitch()

    /// Every item it took, repetitions included.
    var received: [CustomerAPI.Receive] { self.items.withLock(\.self) }
    var calls: Int { self.isThere.calls }

    func set(_ mode: FakeMode) {
        self.isThere.set(mode)
    }

    func receive(_ items: [CustomerAPI.Receive]) async throws -> [CustomerAPI.Received] {
        try await self.isThere.answer(about: items.map(\.eventKey))
        self.items.withLock { $0 += items }
        return items.map { _ in CustomerAPI.Received(customerID: .new()) }
    }
}

final class FakeConversations: ConversationClient {
    private let items = Mutex<[ConversationAPI.Receive]>([])
    private let isThere = FakeSwitch()

    /// Every item it took, repetitions included.
    var received: [ConversationAPI.Receive] { self.items.withLock(\.self) }

    func set(_ mode: FakeMode) {
        self.isThere.set(mode)
    }

    func receive(_ items: [ConversationAPI.Receive]) async throws -> [ConversationAPI.Received] {
        try await self.isThere.answer(about: items.map(\.eventKey))
        self.items.withLock { $0 += items }
        return items.map { _ in ConversationAPI.Received(conversationID: .new()) }
    }
}
