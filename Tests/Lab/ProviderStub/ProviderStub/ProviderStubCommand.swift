package import ArgumentParser
import Crypto
import EventLoopTasks
import Foundation
import Glibc
import Logging
import NIOCore
import ServiceLifecycle
import UnixSignals

/// The command line of the stub.
package struct ProviderStubCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "provider-stub",
        abstract: "Speaks the sending protocols of Meta, Twilio and SendGrid on one port.",
        discussion: """
            Every accepted message is in the ledger, synced to the disk, before it is answered. Its statuses are posted \
            back, signed as the provider signs them. PUT /control/behaviours makes it reject, throttle, hang, close \
            the connection and more, for a recipient, an account or a provider.

            Point WHATSAPP_API_URL at http://127.0.0.1:PORT/v25.0, TWILIO_API_URL and SENDGRID_API_URL at \
            http://127.0.0.1:PORT.
            """
    )

    @Option(help: "The address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "The port to listen on; 0 takes a free one.")
    var port = 9100

    @Option(help: "The file of accepted messages, one JSON object a line; appended to.")
    var ledger: String

    @Flag(help: "Do not sync the ledger to the disk: for measuring without it.")
    var noSync = false

    @Option(help: "Where WhatsApp statuses go: URL/webhooks/whatsapp. Needs --whatsapp-app-secret.")
    var webhookBase: String?

    @Option(help: "The secret that signs WhatsApp statuses.")
    var whatsappAppSecret: String?

    @Option(help: "The one accepted Twilio token; without it any is, and signs the callbacks of its messages.")
    var twilioAuthToken: String?

    @Option(help: "A P-256 private key in PEM that signs SendGrid events; without it one is made.")
    var sendgridKeyFile: String?

    @Option(help: "What signs webhooks to /receivers/ACCOUNT: whsec_ and base64.")
    var webhookSecret = ProviderStubSettings.usualWebhookSecret

    @Option(help: "A file to write the port into once it listens.")
    var portFile: String?

    @Option(help: "Statuses to report of every message: sent, delivered, read, failed, separated by commas; or none.")
    var callbacks = StatusList(statuses: [.sent, .delivered, .read])

    @Option(help: "The wait before each status, as 250ms or 2s.")
    var callbackDelay = Milliseconds(duration: .zero)

    package init() {}

    /// Parses the arguments of the process and runs; the executable needs no more than this module.
    package static func start() async {
        // The ledger, which waits for the disk, has a queue of its own.
        EventLoopTasks.begin()
        await Self.main()
    }

    package func validate() throws {
        guard (0...65535).contains(self.port) else {
            throw ValidationError("--port must be 0 to 65535.")
        }
        if let base = self.webhookBase {
            guard base.hasPrefix("http://") || base.hasPrefix("https://") else {
                throw ValidationError("--webhook-base must start with http:// or https://.")
            }
        }
        guard self.webhookBase == nil || self.whatsappAppSecret != nil else {
            throw ValidationError("--webhook-base needs --whatsapp-app-secret, which signs what is posted there.")
        }
    }

    @concurrent
    package func run() async throws {
        do {
            try await self.serve(self.settings())
        } catch let failure as StartFailure {
            Self.fail(failure.reason)
            throw ExitCode(2)
        } catch let failure as LedgerFailure {
            Self.fail("\(failure); name another file with --ledger")
            throw ExitCode(2)
        } catch is SocketAddressError.UnknownHost {
            Self.fail("the host \(self.host) has no address; choose another with --host")
            throw ExitCode(2)
        } catch let failure as IOError {
            let cause =
                unsafe failure.errnoCode == EADDRINUSE ? "it is in use" : String(cString: strerror(failure.errnoCode))
            Self.fail("cannot listen on \(self.host):\(self.port), \(cause); choose another with --port or --host")
            throw ExitCode(2)
        }
    }

    private func serve(_ settings: ProviderStubSettings) async throws {
        let logger = Logger.silent
        let app = try ProviderStubApp(settings: settings, logger: logger) { [host, portFile] port in
            print("provider-stub listens on http://\(host):\(port)")
            // A pipe buffers what is not flushed, and whoever started the stub may wait for this line.
            fflush(nil)
            if let portFile {
                do {
                    try Data("\(port)\n".utf8).write(to: URL(filePath: portFile), options: .atomic)
                } catch {
                    Self.fail("cannot write the port file \(portFile); name another with --port-file")
                    Foundation.exit(2)
                }
            }
        }
        var configuration = ServiceGroupConfiguration(
            services: [app],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        // Callbacks under way end within their own limit, everything else at once.
        configuration.maximumGracefulShutdownDuration = .seconds(5)
        try await ServiceGroup(configuration: configuration).run()
    }

    private func settings() throws -> ProviderStubSettings {
        var settings = ProviderStubSettings(ledgerPath: self.ledger)
        settings.host = self.host
        settings.port = self.port
        settings.syncsLedger = !self.noSync
        settings.webhookBase = self.webhookBase.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
        settings.whatsAppAppSecret = self.whatsappAppSecret
        settings.webhookSecret = self.webhookSecret
        settings.twilioAuthToken = self.twilioAuthToken
        settings.callbacks = CallbackSettings(statuses: self.callbacks.statuses, delay: self.callbackDelay.duration)
        if let path = self.sendgridKeyFile {
            guard let pem = try? String(contentsOfFile: path, encoding: .utf8),
                let key = try? P256.Signing.PrivateKey(pemRepresentation: pem)
            else {
                throw StartFailure(reason: "the file \(path) of --sendgrid-key-file holds no P-256 private key in PEM")
            }
            settings.sendGridKey = key
        }
        return settings
    }

    private static func fail(_ reason: String) {
        FileHandle.standardError.write(Data("provider-stub: \(reason).\n".utf8))
    }
}

/// Why the stub does not start.
private struct StartFailure: Error {
    let reason: String
}
