package import Shared

extension MessagingAPI {
    /// Tells what providers said of credentials: `POST /internal/account-checks`.
    ///
    /// Repeating it changes nothing: a check has one answer.
    package func tell(_ findings: [CheckFinding]) async throws {
        let _: Accepted = try await self.client.post(
            "/internal/account-checks",
            CheckReport(findings: findings),
            repeatable: true,
            deadline: .seconds(5)
        )
    }

    /// A question to a provider about an account's credentials; it comes with a heartbeat's answer.
    package struct CheckQuestion: Codable, Sendable, Equatable {
        package let orgID: OrgID
        package let id: ID<CredentialCheck>
        package let account: LeasedAccount

        package init(orgID: OrgID, id: ID<CredentialCheck>, account: LeasedAccount) {
            self.orgID = orgID
            self.id = id
            self.account = account
        }
    }

    package struct CheckFinding: Codable, Sendable, Equatable {
        package let orgID: OrgID
        package let accountID: AccountID
        /// As in the question.
        package let id: ID<CredentialCheck>
        package let check: CredentialCheck

        package init(orgID: OrgID, accountID: AccountID, id: ID<CredentialCheck>, check: CredentialCheck) {
            self.orgID = orgID
            self.accountID = accountID
            self.id = id
            self.check = check
        }
    }

    package struct CheckReport: Codable, Sendable {
        /// At most 1,000, of any organizations.
        package let findings: [CheckFinding]

        package init(findings: [CheckFinding]) {
            self.findings = findings
        }
    }
}
