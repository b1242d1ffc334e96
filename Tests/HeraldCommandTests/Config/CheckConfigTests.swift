import Foundation
import Testing

@testable import HeraldCommand

/// `herald config check`, with programs that say what they are told to.
struct CheckConfigTests {
    private static let token = "SERVICE_TOKEN_SECRET=a-secret-of-32-bytes-at-the-least\n"

    @Test func whatIsUsableIsSaidInALine() async throws {
        let ran = try await self.check()
        #expect(ran.code == 0)
        #expect(ran.output == "The settings of all 6 services are usable.\n")
        #expect(ran.errors == "")
    }

    /// What a service says, line by line; its log is no finding.
    @Test func whatAServiceFindsIsPassedOn() async throws {
        let ran = try await self.check(says: [
            "messaging-service": """
            {"level":"warning","message":"x"}
            messaging-service: POSTGRES_URL: the schema is older than this program: run messaging-service migrate.
            messaging-service: HTTP_PORT: port 8084 of 127.0.0.1 is in use.
            """
        ])
        #expect(ran.code == 1)
        #expect(
            ran.output == """
                messaging-service: POSTGRES_URL: the schema is older than this program: run messaging-service migrate.
                messaging-service: HTTP_PORT: port 8084 of 127.0.0.1 is in use.

                """
        )
    }

    @Test func portsOfRunningServicesAreNoFinding() async throws {
        let says = ["api-gateway": "api-gateway: HTTP_PORT: port 8080 of 127.0.0.1 is in use."]
        #expect(try await self.check(says: says).code == 1)
        #expect(try await self.check(says: says, "--running").code == 0)
    }

    @Test func aServiceThatDiesIsAFinding() async throws {
        let ran = try await self.check(says: ["outbound-worker": ""])
        #expect(ran.code == 1)
        #expect(ran.output == "outbound-worker: it ended without a word (1).\n")
    }

    @Test(arguments: [
        (
            ["outbound-worker": "SERVICE_TOKEN_SECRET=another\n"],
            "SERVICE_TOKEN_SECRET differs between api-gateway and outbound-worker: all services need the same.\n"
        ),
        (
            ["customer-service": "MASTER_KEY=one\n"],
            "MASTER_KEY differs between inbound-gateway and customer-service: all services need the same.\n"
        ),
        (
            ["messaging-service": "ENGINE_LEASE_TIME=44\n"],
            "ENGINE_LEASE_TIME of messaging-service is 44 s, and WORKER_PROVIDER_DEADLINE of outbound-worker 20 s: the lease must be 25 s longer.\n"
        ),
        (
            ["api-gateway": "HTTP_PORT=8080\n", "inbound-gateway": "HTTP_PORT='8080'\n"],
            "HTTP_PORT of inbound-gateway is 8080, which api-gateway has already.\n"
        ),
    ])
    func whatServicesMustHaveInCommonIsCompared(files: [String: String], finding: String) async throws {
        let ran = try await self.check(files: files)
        #expect(ran.code == 1)
        // Never a value, which may be a secret.
        #expect(ran.output == finding)
    }

    /// Files go before the environment, and a service's own before the common one.
    @Test func theSettingsOfAServiceAreItsOwn() async throws {
        let folder = try Self.programs(says: [:])
        let script = "#!/bin/sh\necho \"$A $B $C\"\nexit 1\n"
        try folder.write(script, to: "api-gateway")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: "\(folder.path)/api-gateway")
        try folder.write(Self.token + "B=common\nC=common\n", to: "env/common.env")
        try folder.write("C=own\n", to: "env/api-gateway.env")
        let ran = await herald(
            ["config", "check", "--bin", folder.path, "--dir", "\(folder.path)/env"],
            environment: ["A": "environment", "B": "environment", "PATH": "/usr/bin:/bin"]
        )
        #expect(ran.output == "environment common own\n")
    }

    @Test func theFilesOfDeployUpAreFound() async throws {
        let folder = try Self.programs(says: [:])
        try folder.write("ENGINE_LEASE_TIME=30\n", to: ".herald/services/messaging-service.env")
        let ran = await herald(["config", "check", "--bin", folder.path], directory: folder.path)
        #expect(ran.output.hasPrefix("ENGINE_LEASE_TIME of messaging-service is 30 s"))
    }

    @Test(arguments: [
        (["--dir", "/nowhere"], "herald: The folder /nowhere can not be read.\n"),
        (["--dir", "/proc/self/task"], "has no settings: no common.env, nor one of a service.\n"),
        (["--bin", "/nowhere"], "herald: There is no program api-gateway in /nowhere: give --bin.\n"),
    ])
    func badInputIsASentence(arguments: [String], sentence: String) async throws {
        let folder = try Self.programs(says: [:])
        let bin = arguments.contains("--bin") ? [] : ["--bin", folder.path]
        let ran = await herald(["config", "check"] + bin + arguments)
        #expect(ran.code == 2)
        #expect(ran.errors.hasSuffix(sentence))
    }

    private func check(
        says: [String: String] = [:],
        files: [String: String] = [:],
        _ arguments: String...
    ) async throws -> Ran {
        let folder = try Self.programs(says: says)
        try folder.write(Self.token, to: "env/common.env")
        for (service, text) in files { try folder.write(text, to: "env/\(service).env") }
        return await herald(
            ["config", "check", "--bin", folder.path, "--dir", "\(folder.path)/env"] + arguments,
            environment: ["PATH": "/usr/bin:/bin"]
        )
    }

    /// A folder with a program for each service, which says its part and fails, or is content.
    private static func programs(says: [String: String]) throws -> TemporaryDirectory {
        let folder = try TemporaryDirectory()
        for service in ServiceSettings.services {
            let path = try folder.write(
                """
                #!/bin/sh
                [ "$1 $2" = "check --live" ] || exit 9
                \(says[service].map { $0.isEmpty ? "exit 1" : "cat <<'END'\n\($0)\nEND\nexit 1" } ?? "exit 0")

                """,
                to: service
            )
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        }
        return folder
    }
}
