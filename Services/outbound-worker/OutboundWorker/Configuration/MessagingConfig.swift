/// How messaging-service is reached.
///
/// - `MESSAGING_URL`: its internal address; required.
/// - `SERVICE_TOKEN_SECRET`: at least 32 bytes, the same for all services; required.
struct MessagingConfig: Equatable {
    var url: String
    var secret: String

    init(_ settings: inout Settings) {
        self.url = settings.url("messaging.url", default: nil)
        self.secret = settings.text("service.token.secret") ?? ""
        if self.secret.utf8.count < 32 {
            settings.refuse("service.token.secret", "must be the services' common secret of at least 32 bytes")
        }
    }
}
