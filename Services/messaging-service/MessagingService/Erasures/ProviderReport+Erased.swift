import InternalAPI
import Secrets
import Shared

extension MessagingAPI.AccountReport {
    /// What is left of it once its recipient was erased.
    func erased(on channel: Channel) -> Self {
        Self(orgID: self.orgID, accountID: self.accountID, report: self.report.erased(on: channel))
    }
}

extension ProviderReport {
    /// What is left of it once its recipient was erased: which event it was, and what it came to.
    func erased(on channel: Channel) -> ProviderReport {
        let status: Status =
            switch self.status {
            case .sent, .delivered, .read, .note: self.status
            case .failed(let error, let failureClass):
                .failed(ProviderError(code: error.code, detail: Erased.text), failureClass)
            }
        return ProviderReport(
            eventKey: Erased.key(of: self.eventKey),
            reference: self.reference,
            providerMessageID: channel == .sms || channel == .email ? self.providerMessageID : nil,
            status: status,
            occurredAt: self.occurredAt
        )
    }
}
