import Shared

/// Sends messages as signed webhooks to the URL of the account's owner.
///
/// - Source: standardwebhooks.com, 1.0.0; the body is ours (`HTTPWebhookRequest`).
struct HTTPWebhookProvider: Provider {
    let clients: GuardedClients
    private let now: @Sendable () -> Timestamp

    /// - Parameters:
    ///   - egress: decides which hosts may be connected to.
    ///   - now: the time that is signed, of which receivers allow five minutes from theirs.
    init(egress: EgressGuard, now: @escaping @Sendable () -> Timestamp = { .now }) {
        self.clients = GuardedClients(egress: egress)
        self.now = now
    }

    var kind: ProviderKind { .http }

    func send(_ message: OutboundMessage, before deadline: ContinuousClock.Instant) async -> SendOutcome {
        guard ContinuousClock.now < deadline else { return .failedTransiently(.deadlinePassed, retryAfter: nil) }
        let request: HTTPWebhookRequest
        do {
            request = try HTTPWebhookRequest(message, at: self.now())
        } catch {
            return error.outcome
        }
        switch await self.clients.clients(for: .init(request.url)) {
        case .success(let clients):
            return await self.post(request, by: clients, before: deadline)
        case .failure(.unresolved(let detail)):
            return .failedTransiently(ProviderError(code: "dns-failure", detail: detail), retryAfter: nil)
        case .failure(.notAllowed(let detail)):
            return .accountBlocked(ProviderError(code: "address-not-allowed", detail: detail))
        }
    }

    /// Goes on to the next address only while nothing has left.
    private func post(
        _ request: HTTPWebhookRequest,
        by clients: [GuardedClient],
        before deadline: ContinuousClock.Instant
    ) async -> SendOutcome {
        var failure = ProviderError.deadlinePassed
        for client in clients where ContinuousClock.now < deadline {
            let end = await client.post(
                request.url.text,
                headers: request.headers,
                body: request.body,
                before: deadline
            )
            switch end {
            case .answer(let answer): return answer.webhookOutcome(id: request.id)
            case .unknown(let error): return .uncertain(error)
            case .notSent(let error): failure = error
            }
        }
        return .failedTransiently(failure, retryAfter: nil)
    }
}

extension ProviderAnswer {
    /// What a receiver means by its status; the body decides nothing.
    fileprivate func webhookOutcome(id: String) -> SendOutcome {
        switch self.status {
        case 200...299: .accepted(providerMessageID: id)
        case 410: .accountBlocked(self.webhookError("The receiver has gone: it wants no more webhooks."))
        case 300...399: .accountBlocked(self.webhookError("The receiver redirects, which webhooks do not follow."))
        case 429: .throttled(self.webhookError(), retryAfter: self.retryAfter, scope: .account)
        case 503 where self.retryAfter != nil:
            .throttled(self.webhookError(), retryAfter: self.retryAfter, scope: .account)
        // It did not wait for the request, or will not take it this early.
        case 408, 425, 500...599: .failedTransiently(self.webhookError(), retryAfter: self.retryAfter)
        default: .rejected(self.webhookError())
        }
    }

    private func webhookError(_ detail: String? = nil) -> ProviderError {
        ProviderError(
            code: "http-\(self.status)",
            detail: detail ?? "The receiver answered with status \(self.status).",
            response: self.text
        )
    }
}
