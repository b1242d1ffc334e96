import Providers
import Shared
import Testing

struct ProviderRegistryTests {
    @Test(arguments: ProviderKind.allCases) func `there is a provider for each kind that can be sent with`(
        _ kind: ProviderKind
    ) async throws {
        try await withClient { client in
            let registry = ProviderRegistry(
                config: ProvidersConfig(publicInboundURL: "https://in.example.com"),
                client: client,
                sandbox: SandboxProvider { _, _, _ in },
                now: { .now }
            )
            switch kind {
            case .twilio: #expect(registry[lookingUp: kind]?.kind == kind)
            case .whatsappCloud, .smtp, .sandbox, .sendgrid, .http: #expect(registry[lookingUp: kind] == nil)
            }
            switch kind {
            case .whatsappCloud, .twilio, .smtp, .sendgrid, .http, .sandbox: #expect(registry[kind]?.kind == kind)
            }
        }
    }
}
