/// The body of `PUT /control/webhooks`.
struct WebhookChange: Decodable {
    struct WhatsApp: Decodable {
        let url: String
        let appSecret: String

        private enum CodingKeys: String, CodingKey, CaseIterable {
            case url
            case appSecret = "app_secret"
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.strictContainer(keyedBy: CodingKeys.self)
            self.url = try WebhookChange.checked(container.decode(String.self, forKey: .url))
            self.appSecret = try container.decode(String.self, forKey: .appSecret)
        }
    }

    struct SendGrid: Decodable {
        let url: String

        private enum CodingKeys: String, CodingKey, CaseIterable {
            case url
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.strictContainer(keyedBy: CodingKeys.self)
            self.url = try WebhookChange.checked(container.decode(String.self, forKey: .url))
        }
    }

    let whatsApp: WhatsApp?
    let sendGrid: SendGrid?
    /// Only for this number.
    let phoneNumberID: String?
    /// Only for this SendGrid account, as the ledger names it.
    let account: String?

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case whatsApp = "whatsapp"
        case sendGrid = "sendgrid"
        case phoneNumberID = "phone_number_id"
        case account
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.strictContainer(keyedBy: CodingKeys.self)
        self.whatsApp = try container.decodeIfPresent(WhatsApp.self, forKey: .whatsApp)
        self.sendGrid = try container.decodeIfPresent(SendGrid.self, forKey: .sendGrid)
        self.phoneNumberID = try container.decodeIfPresent(String.self, forKey: .phoneNumberID)
        self.account = try container.decodeIfPresent(String.self, forKey: .account)
        guard self.whatsApp != nil || self.sendGrid != nil else {
            throw ControlFailure("name whatsapp, sendgrid or both")
        }
    }

    func apply(to callbacks: Callbacks) {
        if let webhook = self.whatsApp {
            callbacks.setWhatsApp(
                WhatsAppWebhook(url: webhook.url, appSecret: webhook.appSecret),
                phoneNumberID: self.phoneNumberID
            )
        }
        if let webhook = self.sendGrid {
            callbacks.setSendGrid(url: webhook.url, account: self.account)
        }
    }

    private static func checked(_ url: String) throws -> String {
        guard url.hasPrefix("http://") || url.hasPrefix("https://") else {
            throw ControlFailure("url must start with http:// or https://, not be '\(url)'")
        }
        return url
    }
}
