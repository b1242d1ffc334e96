import Shared

/// Sends email through the mail server of the account's owner.
struct SMTPProvider: Provider {
    let egress: EgressGuard
    let caFile: String?
    let threads: BlockingThreads
    private let now: @Sendable () -> Timestamp

    /// - Parameters:
    ///   - egress: decides which hosts may be connected to.
    ///   - caFile: PEM file of the authorities that servers' certificates are checked against; nil for the system's.
    ///   - threads: mails in transfer at once; more wait, and fail transiently when their time is over before their turn.
    ///   - now: the date of mails.
    init(egress: EgressGuard, caFile: String?, threads: Int, now: @escaping @Sendable () -> Timestamp = { .now }) {
        self.egress = egress
        self.caFile = caFile
        self.threads = BlockingThreads(name: "smtp", limit: threads)
        self.now = now
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
            let mail = try Mail(message, from: account, at: self.now())
            let session = SMTPSession(account: account, egress: self.egress, caFile: self.caFile, deadline: deadline)
            let transfer = SMTPTransfer(session: session, mail: mail)
            return await self.threads.run { transfer() }
        } catch {
            return .rejected(error.error)
        }
    }
}
