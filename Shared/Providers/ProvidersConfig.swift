package import Shared

/// What a deployment, and never a tenant, decides about providers.
package struct ProvidersConfig: Sendable {
    /// Without a slash at its end, as all of these.
    package var whatsappURL: String
    package var twilioURL: String
    package var sendgridURL: String
    /// What providers are told to call back, and what Twilio signs.
    package var publicInboundURL: String
    /// Ranges beside the public ones that hosts chosen by tenants may lie in.
    package var egressAllow: [CIDR]
    /// PEM file of the authorities that mail servers' certificates are checked against; nil for the system's.
    package var smtpCAFile: String?
    /// Mails in transfer at once: each occupies a thread, and a thread costs little beside its TLS connection.
    package var smtpThreads: Int

    package init(
        whatsappURL: String = "https://graph.facebook.com/v25.0",
        twilioURL: String = "https://api.twilio.com",
        sendgridURL: String = "https://api.sendgrid.com",
        publicInboundURL: String,
        egressAllow: [CIDR] = [],
        smtpCAFile: String? = nil,
        smtpThreads: Int = 16
    ) {
        self.whatsappURL = whatsappURL
        self.twilioURL = twilioURL
        self.sendgridURL = sendgridURL
        self.publicInboundURL = publicInboundURL
        self.egressAllow = egressAllow
        self.smtpCAFile = smtpCAFile
        self.smtpThreads = smtpThreads
    }
}
