import InternalAPI
import Shared

extension MessagingAPI.WebhookAccount {
    /// A WhatsApp account of an organization of its own, unless `orgID` says whose.
    static func whatsApp(
        number: String = "106540352242922",
        secret: String = "app secret A",
        orgID: OrgID = .new()
    ) -> Self {
        Self(
            orgID: orgID,
            accountID: .new(),
            provider: .whatsappCloud,
            number: number,
            secrets: Credentials(["app_secret": secret, "verify_token": "verify \(secret)"])
        )
    }

    static func twilio(token: String = "twilio token") -> Self {
        Self(
            orgID: .new(),
            accountID: .new(),
            provider: .twilio,
            number: nil,
            secrets: Credentials(["auth_token": token])
        )
    }

    /// The same account after its owner changed the secret.
    func rotated(to secret: String) -> Self {
        Self(
            orgID: self.orgID,
            accountID: self.accountID,
            provider: self.provider,
            number: self.number,
            secrets: Credentials(["app_secret": secret, "auth_token": secret])
        )
    }
}
