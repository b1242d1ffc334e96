import Synchronization

/// The settings of the callbacks, changed while the stub runs.
package final class Callbacks: Sendable {
    private struct State {
        var settings: CallbackSettings
        var whatsApp: WhatsAppWebhook?
        var whatsAppByNumber: [String: WhatsAppWebhook] = [:]
        var sendGridURL: String?
        var sendGridURLByAccount: [String: String] = [:]
    }

    private let state: Mutex<State>

    init(settings: CallbackSettings, whatsApp: WhatsAppWebhook?) {
        self.state = Mutex(State(settings: settings, whatsApp: whatsApp))
    }

    package var settings: CallbackSettings {
        self.state.withLock { $0.settings }
    }

    package func update(_ change: (inout CallbackSettings) -> Void) {
        self.state.withLock { change(&$0.settings) }
    }

    /// Sets the webhook of one number, or of all that have none of their own.
    package func setWhatsApp(_ webhook: WhatsAppWebhook, phoneNumberID: String? = nil) {
        self.state.withLock { state in
            if let phoneNumberID {
                state.whatsAppByNumber[phoneNumberID] = webhook
            } else {
                state.whatsApp = webhook
            }
        }
    }

    /// Sets the event webhook of one SendGrid account, or of all that have none of their own.
    package func setSendGrid(url: String, account: String? = nil) {
        self.state.withLock { state in
            if let account {
                state.sendGridURLByAccount[account] = url
            } else {
                state.sendGridURL = url
            }
        }
    }

    func whatsApp(phoneNumberID: String) -> WhatsAppWebhook? {
        self.state.withLock { $0.whatsAppByNumber[phoneNumberID] ?? $0.whatsApp }
    }

    func sendGridURL(account: String) -> String? {
        self.state.withLock { $0.sendGridURLByAccount[account] ?? $0.sendGridURL }
    }
}
