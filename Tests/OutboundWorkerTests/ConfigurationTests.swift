import Configuration
import Logging
import Providers
import Shared
import TestSupport
import Testing

@testable import OutboundWorker

struct ConfigurationTests {
    private static let required = [
        "MESSAGING_URL": "http://127.0.0.1:8084", "SERVICE_TOKEN_SECRET": String(repeating: "s", count: 32),
    ]

    @Test func whatIsNotSetHasItsDefault() throws {
        var settings = Self.settings([:])
        let worker = WorkerConfig(&settings)
        let providers = ProvidersConfig(&settings)
        try settings.check()
        #expect(worker.slots == 256)
        #expect(worker.providerDeadline == .seconds(20))
        #expect(worker.stateDirectory == ".herald/worker")
        #expect(worker.activity == .working)
        #expect(!worker.host.isEmpty)
        #expect(providers.whatsappURL == "https://graph.facebook.com/v25.0")
        #expect(providers.twilioURL == "https://api.twilio.com")
        #expect(providers.publicInboundURL == "http://127.0.0.1:8081")
        #expect(providers.egressAllow.isEmpty)
    }

    @Test func settingsAreRead() throws {
        var settings = Self.settings([
            "WORKER_SLOTS": "1000", "WORKER_PROVIDER_DEADLINE": "1", "WORKER_STATE_DIR": "/var/worker",
            "WORKER_NAME": "eu-1", "OUTBOUND_WORKER_ENABLED": "false", "TWILIO_API_URL": "http://127.0.0.1:9/",
            "EGRESS_ALLOW": "10.0.0.0/8, 127.0.0.1", "SMTP_THREADS": "",
        ])
        let worker = WorkerConfig(&settings)
        let providers = ProvidersConfig(&settings)
        let messaging = MessagingConfig(&settings)
        try settings.check()
        #expect(worker.slots == 1000)
        #expect(worker.providerDeadline == .seconds(1))
        #expect(worker.stateDirectory == "/var/worker")
        #expect(worker.host == "eu-1")
        #expect(worker.activity == .idle)
        #expect(providers.twilioURL == "http://127.0.0.1:9")
        #expect(providers.egressAllow.map(\.description) == ["10.0.0.0/8", "127.0.0.1/32"])
        #expect(messaging.url == "http://127.0.0.1:8084")
    }

    @Test(arguments: [
        ("WORKER_SLOTS", "0"), ("WORKER_SLOTS", "1001"), ("WORKER_SLOTS", "many"),
        ("WORKER_PROVIDER_DEADLINE", "0"), ("WORKER_PROVIDER_DEADLINE", "21"), ("WORKER_NAME", "two words"),
        ("WORKER_NAME", String(repeating: "n", count: 91)), ("OUTBOUND_WORKER_ENABLED", "perhaps"),
        ("MESSAGING_URL", ""), ("MESSAGING_URL", "messaging:8084"), ("MESSAGING_URL", "http://"),
        ("SERVICE_TOKEN_SECRET", String(repeating: "s", count: 31)), ("WHATSAPP_API_URL", "ftp://example.com"),
        ("TWILIO_API_URL", "https://example.com/a b"), ("PUBLIC_INBOUND_URL", "example.com"),
        ("EGRESS_ALLOW", "10.0.0.1/8"), ("SMTP_THREADS", "257"),
    ]) func aFaultIsNamedByItsVariable(_ name: String, _ value: String) {
        var settings = Self.settings([name: value])
        _ = WorkerConfig(&settings)
        _ = ProvidersConfig(&settings)
        _ = MessagingConfig(&settings)
        #expect(settings.faults.map(\.key) == [name])
    }

    @Test func allFaultsAreNamedAtOnce() {
        var settings = Self.settings(["WORKER_SLOTS": "0", "MESSAGING_URL": ""])
        _ = WorkerConfig(&settings)
        _ = MessagingConfig(&settings)
        let faults = #expect(throws: ConfigFaults.self) { try settings.check() }
        #expect(
            faults?.description
                == "WORKER_SLOTS must be a whole number from 1 to 1000. MESSAGING_URL is missing: set it to "
                + "an address that starts with http:// or https://."
        )
    }

    @Test func formerNamesAreAcceptedBehindTheirSuccessors() throws {
        var former = Self.settings(["OUTBOUND_WORKER_BATCH_SIZE": "10", "SMS_API_URL": "http://127.0.0.1:9"])
        #expect(WorkerConfig(&former).slots == 10)
        #expect(ProvidersConfig(&former).twilioURL == "http://127.0.0.1:9")
        var both = Self.settings(["OUTBOUND_WORKER_BATCH_SIZE": "10", "WORKER_SLOTS": "20"])
        #expect(WorkerConfig(&both).slots == 20)
        try former.check()
    }

    private static func settings(_ variables: [String: String]) -> Settings {
        let variables = Self.required.merging(variables) { $1 }
        let provider = EnvironmentVariablesProvider(environmentVariables: variables)
        return Settings(reader: ConfigReader(provider: provider), logger: .quiet)
    }
}
