import Shared

/// Resolves the receiver's host and asks the egress guard; whatever were requested would be a delivery.
extension HTTPWebhookProvider: CheckProvider {
    func check(_ credentials: Credentials, before deadline: ContinuousClock.Instant) async -> CredentialCheck {
        let url: MediaAddress
        do {
            url = try HTTPWebhookRequest.url(credentials)
            _ = try HTTPWebhookRequest.secrets(credentials)
        } catch {
            return .refused(error.error)
        }
        switch await self.clients.clients(for: .init(url)) {
        case .success: return .ok("The receiver's host resolves, and may be called; nothing was sent to it.")
        case .failure(.unresolved(let detail)):
            return .unreachable(ProviderError(code: "dns-failure", detail: detail))
        case .failure(.notAllowed(let detail)):
            return .refused(ProviderError(code: "address-not-allowed", detail: detail))
        }
    }
}
