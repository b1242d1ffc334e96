import Foundation
import Installation
import TestSupport
import Testing

extension Engine {
    /// `<service> check`: what is wrong with the settings, in a sentence, before anything listens.
    @Suite struct CheckTests {
        private static let usable = [
            "SERVICE_TOKEN_SECRET": String(repeating: "service", count: 5),
            "OPERATOR_KEY": "operator-key-of-the-tests", "KEY_PEPPER": String(repeating: "pepper", count: 6),
            "CUSTOMERS_URL": "http://127.0.0.1:1", "CONVERSATIONS_URL": "http://127.0.0.1:1",
            "MESSAGING_URL": "http://127.0.0.1:1", "INBOX_URL": "http://127.0.0.1:1",
            "POSTGRES_URL": "postgresql://gateway@127.0.0.1:1/gateway",
        ]

        @Test(
            .timeLimit(.minutes(5)),
            arguments: [
                ([:], 0, "api-gateway: the settings are usable.\n"),
                (["KEY_PEPPER": "short"], 1, "KEY_PEPPER"), (["HTTP_PORT": "70000"], 1, "http.port"),
                (["POSTGRES_POOL_SIZE": "0"], 1, "poolSize"), (["LOG_LEVEL": "loud"], 1, "LOG_LEVEL"),
                (["MESSAGING_URL": "messaging"], 1, "MESSAGING_URL"),
                (["OTEL_EXPORTER_OTLP_ENDPOINT": "collector"], 1, "OTEL_EXPORTER_OTLP_ENDPOINT"),
                (
                    ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:1", "OTEL_TRACES_SAMPLER_ARG": "2"], 1,
                    "OTEL_TRACES_SAMPLER_ARG"
                ),
                (
                    ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:1", "OTEL_EXPORTER_OTLP_HEADERS": "nonsense"], 1,
                    "OTEL_EXPORTER_OTLP_HEADERS"
                ),
            ] as [([String: String], Int32, String)]
        )
        func aFaultIsNamed(settings: [String: String], status: Int32, words: String) throws {
            let (ended, said) = try self.run(["check"], Self.usable.merging(settings) { $1 })
            #expect(ended == status, "\(said)")
            #expect(said.contains(words), "\(said)")
            #expect(said.split(separator: "\n").count == 1, "\(said)")
        }

        @Test(.timeLimit(.minutes(5))) func otherArgumentsAreRefused() throws {
            let (ended, said) = try self.run(["chekc"], Self.usable)
            #expect(ended == 2)
            #expect(
                said
                    == "api-gateway takes no arguments but \"check\" or \"migrate\"; its settings are environment variables.\n"
            )
        }

        private func run(_ arguments: [String], _ settings: [String: String]) throws -> (Int32, String) {
            let (process, output) = (Process(), Pipe())
            process.executableURL = URL(filePath: try Programs.current.path(of: "api-gateway"))
            process.arguments = arguments
            process.environment = settings
            (process.standardOutput, process.standardError) = (output, output)
            try process.run()
            let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            return (process.terminationStatus, said)
        }
    }
}
