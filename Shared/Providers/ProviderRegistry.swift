package import AsyncHTTPClient
package import Shared

/// The providers that a worker can send with, by kind.
package struct ProviderRegistry: Sendable {
    private let providers: [ProviderKind: any Provider]

    /// Makes all of them.
    ///
    /// - Parameters:
    ///   - config: their addresses and limits.
    ///   - client: made by `HTTPClient.forProviders`; whoever made it shuts it down.
    ///   - sandbox: the provider that is played.
    ///   - now: the time that receivers are told.
    package init(
        config: ProvidersConfig,
        client: HTTPClient,
        sandbox: SandboxProvider,
        now: @escaping @Sendable () -> Timestamp
    ) {
        let exchange = ProviderExchange(client: client)
        self.init([
            WhatsAppProvider(baseURL: config.whatsappURL, exchange: exchange),
            TwilioProvider(
                baseURL: config.twilioURL,
                publicInboundURL: config.publicInboundURL,
                exchange: exchange
            ),
            SendGridProvider(baseURL: config.sendgridURL, exchange: exchange),
            SMTPProvider(
                egress: EgressGuard(allow: config.egressAllow),
                caFile: config.smtpCAFile,
                threads: config.smtpThreads,
                now: now
            ),
            HTTPWebhookProvider(egress: EgressGuard(allow: config.egressAllow), now: now),
            sandbox,
        ])
    }

    /// Of several providers of one kind the last counts.
    package init(_ providers: [any Provider]) {
        self.providers = Dictionary(providers.map { ($0.kind, $0) }) { _, last in last }
    }

    /// Nil for a kind that can not be sent with.
    package subscript(kind: ProviderKind) -> (any Provider)? { self.providers[kind] }

    /// Nil for a kind that can not be asked what it took.
    package subscript(lookingUp kind: ProviderKind) -> (any LookUpProvider)? {
        self.providers[kind] as? any LookUpProvider
    }

    /// Nil for a kind whose credentials can not be checked.
    package subscript(checking kind: ProviderKind) -> (any CheckProvider)? {
        self.providers[kind] as? any CheckProvider
    }
}
