package import Shared

extension MessagingAPI {
    package struct ReportRequest: Codable, Sendable {
        /// At most 1,000, of any organizations.
        package let reports: [AccountReport]

        package init(reports: [AccountReport]) {
            self.reports = reports
        }
    }

    package struct AccountReport: Codable, Sendable, Equatable {
        package let orgID: OrgID
        package let accountID: AccountID
        package let report: ProviderReport

        package init(orgID: OrgID, accountID: AccountID, report: ProviderReport) {
            self.orgID = orgID
            self.accountID = accountID
            self.report = report
        }
    }

    package struct ReportAnswer: Codable, Sendable {
        package let effects: [ReportEffect]
        /// The traces that the messages belong to, where one of them does.
        package let traceParents: [String?]?

        package init(effects: [ReportEffect], traceParents: [String?]? = nil) {
            self.effects = effects
            self.traceParents = traceParents
        }
    }

    package enum ReportEffect: String, Codable, Sendable {
        /// It moved the message.
        case applied
        /// It was late or repeated; kept for the timeline.
        case ignored
        /// No message is known by it yet: it is kept, and applied when the message's outcome arrives.
        case unmatched
    }

    /// An account by its own id, or by what its provider calls it.
    package enum WebhookAccountQuery: Codable, Sendable, Equatable {
        case id(AccountID)
        /// For WhatsApp the `phone_number_id`.
        case number(ProviderKind, String)
    }

    package struct WebhookAccountAnswer: Codable, Sendable {
        package let account: WebhookAccount?

        package init(account: WebhookAccount?) {
            self.account = account
        }
    }

    /// What inbound-gateway needs to verify an account's webhooks while every other service is down.
    package struct WebhookAccount: Codable, Sendable, Equatable {
        package let orgID: OrgID
        package let accountID: AccountID
        package let provider: ProviderKind
        /// What the provider calls it; nil where providers have no such name.
        package let number: String?
        /// Only those that verify: `app_secret` and `verify_token`, or `auth_token`.
        package let secrets: Credentials

        package init(
            orgID: OrgID,
            accountID: AccountID,
            provider: ProviderKind,
            number: String?,
            secrets: Credentials
        ) {
            self.orgID = orgID
            self.accountID = accountID
            self.provider = provider
            self.number = number
            self.secrets = secrets
        }
    }
}
