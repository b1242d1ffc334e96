import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import ServiceLifecycle

/// Does with a valid message what the behaviours say, and answers.
struct AcceptMessage: Sendable {
    let ledger: Ledger
    let behaviours: Behaviours
    let callbacks: CallbackSender
    let stats: StatsCounter
    let clock: any Clock<Duration>

    func callAsFunction(
        _ message: ValidMessage,
        errors: some ProviderErrors,
        channel: any Channel
    ) async throws -> Response {
        let rule = self.behaviours.take(provider: message.provider, to: message.to, account: message.account)
        switch rule.behaviour {
        case .accept:
            try await self.record(message, rule: rule)
            return message.acceptance
        case .slow(let wait):
            // A task of its own: that of the request is cancelled when the client leaves.
            let acceptance = Task {
                try await cancelWhenGracefulShutdown { try await self.clock.sleep(for: wait) }
                try await self.record(message, rule: rule)
            }
            try await acceptance.value
            return message.acceptance
        case .garbage:
            try await self.record(message, rule: rule)
            return Response(
                status: .ok,
                headers: [.contentType: "text/html"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: "<html><body>It works!</body>"))
            )
        case .acceptThenCut:
            try await self.record(message, rule: rule)
            return await UnansweredRequest(channel: channel).cut()
        case .reject(let status, let code, let text):
            return self.refused(errors.failure(status: status, code: code, message: text))
        case .throttle(let seconds):
            var response = errors.failure(status: 429, code: errors.throttled.code, message: errors.throttled.message)
            response.headers[.retryAfter] = String(seconds)
            return self.refused(response)
        case .serverError(let status):
            let (code, text) = errors.unavailable
            return self.refused(errors.failure(status: status, code: code, message: text))
        case .hang:
            self.stats.add(to: \.rejected)
            return await UnansweredRequest(channel: channel).hang()
        case .cut:
            self.stats.add(to: \.rejected)
            return await UnansweredRequest(channel: channel).cut()
        }
    }

    /// Counts an answer that takes nothing.
    func refused(_ response: Response) -> Response {
        self.stats.add(to: \.rejected)
        return response
    }

    private func record(_ message: ValidMessage, rule: BehaviourRule) async throws {
        try await self.ledger.append(
            LedgerEntry(
                at: Date(),
                provider: message.provider,
                account: message.account,
                to: message.to,
                reference: message.reference,
                bodyHash: SHA256.hash(data: message.body.data).hexadecimal,
                providerID: message.providerID,
                request: message.request
            )
        )
        self.stats.add(to: \.accepted)
        if let reporter = message.reporter {
            self.callbacks.enqueue(reporter, statuses: rule.statuses)
        }
    }
}
