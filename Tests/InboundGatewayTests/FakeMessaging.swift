import InboundGateway
import InternalAPI
import Shared
import Synchronization
import TestSupport

/// A messaging-service that can be taken away.
final class FakeMessaging: MessagingClient {
    enum Mode: Sendable {
        case up
        /// Refuses the connection.
        case down
        /// Does not answer as long as it is in this mode; whoever still waits then finds the connection lost.
        case hanging
        /// Answers 422 to a call in which this event stands.
        case refusing(eventKey: String)
    }

    private struct State {
        var mode = Mode.up
        var accounts: [MessagingAPI.WebhookAccount] = []
        var applied: [MessagingAPI.AccountReport] = []
        var questions = 0
    }

    private let state = Mutex(State())

    /// Every report it took, repetitions included.
    var applied: [MessagingAPI.AccountReport] { self.state.withLock(\.applied) }
    var appliedKeys: [String] { self.applied.map(\.report.eventKey).sorted() }
    /// How often it was asked for an account.
    var questions: Int { self.state.withLock(\.questions) }

    func set(_ mode: Mode) {
        self.state.withLock { $0.mode = mode }
    }

    func set(_ accounts: [MessagingAPI.WebhookAccount]) {
        self.state.withLock { $0.accounts = accounts }
    }

    func apply(_ reports: [MessagingAPI.AccountReport]) async throws -> [MessagingAPI.ReportEffect] {
        try await self.answer()
        if case .refusing(let key) = self.state.withLock(\.mode), reports.contains(where: { $0.report.eventKey == key })
        {
            throw Problem(code: "report-invalid", status: 422, title: "It is not wanted.")
        }
        self.state.withLock { $0.applied += reports }
        return reports.map { _ in .applied }
    }

    func webhookAccount(_ query: MessagingAPI.WebhookAccountQuery) async throws -> MessagingAPI.WebhookAccount? {
        self.state.withLock { $0.questions += 1 }
        try await self.answer()
        return self.state.withLock(\.accounts).first { account in
            switch query {
            case .id(let id): account.accountID == id
            case .number(let provider, let number): account.provider == provider && account.number == number
            }
        }
    }

    private func answer() async throws {
        switch self.state.withLock(\.mode) {
        case .up, .refusing: break
        case .down: throw Problem.unavailable
        case .hanging:
            try await eventually { !self.isHanging }
            throw Problem.unavailable
        }
    }

    private var isHanging: Bool {
        if case .hanging = self.state.withLock(\.mode) { true } else { false }
    }
}
