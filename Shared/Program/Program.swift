import CProcess
package import Configuration
import EventLoopTasks
import Foundation
import HTTPService
package import Logging
package import ServiceLifecycle
import Shared
import Telemetry

/// What an executable does; everything else of it is a library.
package struct Program: Sendable {
    package typealias Migrate = @Sendable (_ ownerURL: String, Logger) async throws -> Void
    /// Looks at what the settings name, and says in a sentence each what is wrong with it.
    package typealias Inspect = @Sendable (ConfigReader) async -> [String]
    package typealias MakeServices = @Sendable (ConfigReader, Logger) async throws -> [any Service]

    private let name: String
    private let defaults: [AbsoluteConfigKey: ConfigValue]
    private let migrate: Migrate?
    private let inspect: Inspect
    private let makeServices: MakeServices

    /// - Parameters:
    ///   - name: of the executable, in its logs and sentences.
    ///   - defaultPort: where it listens when `HTTP_PORT` is not set.
    ///   - internalPort: the same of `INTERNAL_HTTP_PORT`; nil where the first is internal itself.
    ///   - migrate: brings its database to the newest schema, as the owner; nil without a database.
    ///   - inspect: what `check --live` looks at besides ports.
    ///   - services: what runs until the process is told to stop.
    package init(
        _ name: String,
        defaultPort: Int,
        internalPort: Int? = nil,
        migrate: Migrate? = nil,
        inspect: @escaping Inspect = { _ in [] },
        services: @escaping MakeServices
    ) {
        self.name = name
        var ports: [AbsoluteConfigKey: Int] = ["http.port": defaultPort]
        if let internalPort { ports["internal.http.port"] = internalPort }
        self.defaults = ports.mapValues { ConfigValue(.int($0), isSecret: false) }
        self.migrate = migrate
        self.inspect = inspect
        self.makeServices = services
    }

    /// Runs until SIGTERM or SIGINT, or checks its settings, or migrates, as the arguments say; ends the process with a status for scripts.
    package func run(_ arguments: [String] = Array(CommandLine.arguments.dropFirst())) async -> Never {
        // Before any secret is read: what the process knows must not be left behind when it crashes.
        guard herald_keep_memory_private() == 0 else { self.end("can not forbid core files") }
        EventLoopTasks.begin()
        switch arguments {
        case []:
            await self.attempt { reader, logger in
                // First, so that it is the last to end: it has the spans of all others.
                let exporter = try await TraceConfig.read(reader).map {
                    Telemetry.trace(self.name, config: $0, logger: logger) as any Service
                }
                let services = try await self.makeServices(reader, logger)
                try await runServices((exporter.map { [$0] } ?? []) + [GiveMemoryBack()] + services, logger: logger)
            }
        case ["check"]:
            await self.attempt { reader, logger in
                _ = try await TraceConfig.read(reader)
                let services = try await self.makeServices(reader, logger)
                print("\(self.name): the settings are usable.")
                // They were made, and are not started: what they hold goes with the process.
                withExtendedLifetime(services) { exit(0) }
            }
        case ["check", "--live"]:
            await self.attempt { reader, logger in
                _ = try await TraceConfig.read(reader)
                let services = try await self.makeServices(reader, logger)
                let findings = await self.inspect(reader) + PortInspection.findings(in: reader)
                for finding in findings {
                    // Postgres ends some of its own with a question.
                    print("\(self.name): \(finding)\(finding.hasSuffix("?") ? "" : ".")")
                }
                if findings.isEmpty { print("\(self.name): the settings are usable, and what they name is there.") }
                withExtendedLifetime(services) { exit(findings.isEmpty ? 0 : 1) }
            }
        case ["migrate"]:
            guard let migrate else { self.refuse("has no database to migrate") }
            await self.attempt { reader, logger in
                let url = try await reader.fetchRequiredString(forKey: "postgres.owner.url", isSecret: true)
                try await migrate(url, logger)
            }
        case ["--help"], ["-h"]:
            print("usage: \(self.name) [check [--live]\(self.migrate == nil ? "" : "|migrate")]")
            print("Settings are environment variables; Services/\(self.name)/README.md lists them.")
            exit(0)
        default:
            self.refuse(
                "takes no arguments but \"check\"\(self.migrate == nil ? "" : " or \"migrate\""); its settings are environment variables"
            )
        }
    }

    private func attempt(_ work: (ConfigReader, Logger) async throws -> Void) async -> Never {
        let reader = ConfigReader(
            providers: [EnvironmentVariablesProvider(), InMemoryProvider(values: self.defaults)]
        )
        let level: Logger.Level
        do {
            level = try await reader.fetchString(forKey: "log.level", as: Logger.Level.self, default: .info)
        } catch {
            self.end("LOG_LEVEL is not a level: trace, debug, info, notice, warning, error or critical")
        }
        let logger = Telemetry.bootstrap(label: self.name, level: level)
        do {
            try await work(reader, logger)
            exit(0)
        } catch let failure as ConfigFailure {
            self.end("the setting \(failure.key) is not usable: \(failure.reason)")
        } catch {
            self.end("\(error)")
        }
    }

    /// Exit status 2: the command line is wrong.
    private func refuse(_ sentence: String) -> Never {
        FileHandle.standardError.write(Data("\(self.name) \(sentence).\n".utf8))
        exit(2)
    }

    /// Exit status 1: it could not start, or a part of it ended with an error.
    private func end(_ sentence: String) -> Never {
        let end = sentence.hasSuffix(".") ? "" : "."
        FileHandle.standardError.write(Data("\(self.name): \(sentence)\(end)\n".utf8))
        exit(1)
    }
}
