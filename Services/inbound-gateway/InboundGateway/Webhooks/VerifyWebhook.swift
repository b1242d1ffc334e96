import InternalAPI
import Providers

/// Checks a webhook against its account's secret, and once more when the secret may have changed since.
struct VerifyWebhook: Sendable {
    let findAccount: FindWebhookAccount

    /// - Parameters:
    ///   - known: the account as we have it.
    ///   - query: how it was found.
    ///   - check: compares with the secret of the account it is given.
    /// - Returns: the account whose secret fitted.
    /// - Throws: `signature`.
    func callAsFunction(
        _ known: KnownAccount,
        foundBy query: MessagingAPI.WebhookAccountQuery,
        _ check: @Sendable (KnownAccount) throws(WebhookSignatureFailure) -> Void
    ) async throws(WebhookFailure) -> KnownAccount {
        do throws(WebhookSignatureFailure) {
            try check(known)
            return known
        } catch {
            switch error {
            case .missing, .malformed, .expired: throw .signature(error)
            case .mismatch, .notConfigured:
                guard let changed = await self.findAccount.changed(known, foundBy: query) else {
                    throw .signature(error)
                }
                do throws(WebhookSignatureFailure) {
                    try check(changed)
                    return changed
                } catch {
                    throw .signature(error)
                }
            }
        }
    }
}
