import Crypto
import Foundation
import Hummingbird
package import Logging
import NIOCore
import ServiceLifecycle

/// The whole stub: one server, one ledger, one sender of callbacks.
package struct ProviderStubApp: Service {
    package let ledger: Ledger
    package let behaviours: Behaviours
    package let callbacks: Callbacks
    /// Base64 of the key that verifies SendGrid's events, as SendGrid shows it (SubjectPublicKeyInfo).
    package let sendGridPublicKey: String

    private let counter = StatsCounter()
    private let sender: CallbackSender
    private let server: Application<RouterResponder<StubRequestContext>>
    private let logger: Logger

    /// Opens the ledger; the port is bound by `run`.
    ///
    /// - Parameters:
    ///   - settings: what to start with.
    ///   - clock: measures the wait of slow answers.
    ///   - logger: of the server.
    ///   - onServerRunning: is told the port, which matters when the setting is 0.
    /// - Throws: `LedgerFailure`.
    package init(
        settings: ProviderStubSettings,
        clock: any Clock<Duration> = ContinuousClock(),
        logger: Logger,
        onServerRunning: @escaping @Sendable (Int) async -> Void = { _ in }
    ) throws(LedgerFailure) {
        self.ledger = Ledger(
            file: try LedgerFile(path: settings.ledgerPath, durability: settings.syncsLedger ? .synced : .unsynced)
        )
        self.behaviours = Behaviours()
        self.callbacks = Callbacks(settings: settings.callbacks, whatsApp: settings.whatsAppWebhook)
        self.sendGridPublicKey = Self.publicKey(of: settings)
        self.sender = CallbackSender(callbacks: self.callbacks, stats: self.counter)
        self.logger = logger
        let acceptMessage = AcceptMessage(
            ledger: self.ledger,
            behaviours: self.behaviours,
            callbacks: self.sender,
            stats: self.counter,
            clock: clock
        )
        self.server = Application(
            router: Self.router(settings, acceptMessage: acceptMessage, callbacks: self.callbacks),
            configuration: ApplicationConfiguration(address: .hostname(settings.host, port: settings.port)),
            onServerRunning: { channel in
                await onServerRunning(channel.localAddress?.port ?? 0)
            },
            logger: logger
        )
    }

    package var stats: StubStats { self.counter.current }

    /// Serves until shutdown.
    @concurrent
    package func run() async throws {
        let services: [any Service] = [self.sender, self.server]
        try await ServiceGroup(configuration: .init(services: services, logger: self.logger)).run()
    }

    /// All routes; each answers its provider's errors itself, so there is no middleware.
    private static func router(
        _ settings: ProviderStubSettings,
        acceptMessage: AcceptMessage,
        callbacks: Callbacks
    ) -> Router<StubRequestContext> {
        let authToken = settings.twilioAuthToken
        let key = settings.sendGridKey
        let control = ControlRoutes(
            behaviours: acceptMessage.behaviours,
            callbacks: callbacks,
            ledger: acceptMessage.ledger,
            stats: acceptMessage.stats,
            sendGridPublicKey: Self.publicKey(of: settings)
        )
        let list = TwilioListRoutes(ledger: acceptMessage.ledger, callbacks: callbacks, authToken: authToken)
        let router = Router(context: StubRequestContext.self)
        router.addRoutes(WhatsAppRoutes(acceptMessage: acceptMessage, callbacks: callbacks).endpoints)
        router.addRoutes(
            TwilioRoutes(acceptMessage: acceptMessage, callbacks: callbacks, authToken: authToken).endpoints
        )
        router.addRoutes(list.endpoints)
        router.addRoutes(TwilioAccountRoutes(authToken: authToken).endpoints)
        router.addRoutes(MediaRoutes(authToken: authToken).endpoints)
        router.addRoutes(SendGridRoutes(acceptMessage: acceptMessage, callbacks: callbacks, key: key).endpoints)
        router.addRoutes(WebhookRoutes(acceptMessage: acceptMessage, secret: settings.webhookSecret).endpoints)
        router.addRoutes(control.endpoints)
        return router
    }

    private static func publicKey(of settings: ProviderStubSettings) -> String {
        settings.sendGridKey.publicKey.derRepresentation.base64EncodedString()
    }
}
