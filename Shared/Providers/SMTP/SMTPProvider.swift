import Shared

/// Sends email through the mail server of the account's owner.
struct SMTPProvider: Provider {
    let egress: EgressGuard
    let caFile: String?
    let threads: BlockingThreads

    /// - Parameters:
    ///   - egress: decides which hosts may be connected to.
    ///   - caFile: PEM file of the authorities that servers' certificates are checked against; nil for the system's.
    ///   - threads: mails in transfer at once; more wait, and fail transiently when their time is over before their turn.
    init(egress: EgressGuard, caFile: String?, threads: Int) {
        self.egress = egress
        self.caFile = caFile
        self.threads = BlockingThreads(name: "smtp", limit: threads)
    }

    var kind: ProviderKind { .smtp }

    func send(_ message: OutboundMessage, before deadline: ContinuousClock.Instant) async -> SendOutcome {
        let account: SMTPAccount
        do {
            account = try SMTPAccount(message.credentials)
        } catch {
            return error.outcome
        }
        do {
            let mail = try Mail(message, from: account)
            let session = SMTPSession(account: account, egress: self.egress, caFile: self.caFile, deadline: deadline)
            let transfer = SMTPTransfer(session: session, mail: mail)
            return await self.threads.run { transfer() }
        } catch {
            return .rejected(error.error)
        }
    }
}
