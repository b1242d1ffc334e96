import Logging
import Providers
import Shared

extension ProvidersConfig {
    /// Where the providers are, and what may be reached.
    ///
    /// - `WHATSAPP_API_URL`, `TWILIO_API_URL` (formerly `SMS_API_URL`), `SENDGRID_API_URL`: the real ones unless told.
    /// - `PUBLIC_INBOUND_URL`: what providers are told to call back; without it only providers on this host can.
    /// - `EGRESS_ALLOW`: ranges beside the public ones that tenants' hosts may lie in, like `10.0.0.0/8,127.0.0.1`;
    ///   none unless told.
    /// - `SMTP_CA_FILE`: the authorities that vouch for mail servers' certificates; the host's unless told.
    /// - `SMTP_THREADS`: mails in transfer at once, 1 to 256; 16 unless told.
    init(_ settings: inout Settings) {
        if settings.text("public.inbound.url") == nil {
            settings.logger.warning("PUBLIC_INBOUND_URL is not set: only providers on this host can call back")
        }
        self.init(publicInboundURL: settings.url("public.inbound.url", default: "http://127.0.0.1:8081"))
        self.whatsappURL = settings.url("whatsapp.api.url", default: self.whatsappURL)
        self.twilioURL = settings.url("twilio.api.url", formerly: "sms.api.url", default: self.twilioURL)
        self.sendgridURL = settings.url("sendgrid.api.url", default: self.sendgridURL)
        self.smtpCAFile = settings.text("smtp.ca.file")
        self.smtpThreads = settings.integer("smtp.threads", in: 1...256, default: self.smtpThreads)
        for range in (settings.text("egress.allow") ?? "").split(separator: ",") {
            let text = range.filter { $0 != " " }
            guard let range = CIDR(text) else {
                settings.refuse("egress.allow", "must list ranges like 10.0.0.0/8 with commas; `\(text)` is none")
                continue
            }
            self.egressAllow.append(range)
        }
    }
}
