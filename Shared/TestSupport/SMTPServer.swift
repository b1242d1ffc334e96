import Foundation
package import Shared
import Subprocess

/// A mail server of aiosmtpd, with the ports of its three kinds of security.
package struct SMTPServer: Sendable {
    private let folder: URL
    private let ports: JSONValue

    fileprivate init(folder: URL, ports: JSONValue) {
        self.folder = folder
        self.ports = ports
    }

    /// The certificate that the server shows, which is its own authority; for `localhost` and 127.0.0.1.
    package var certificate: String { self.folder.appending(path: "certificate.pem").path() }
    /// An authority that has signed nothing of the server's.
    package var otherCertificate: String { self.folder.appending(path: "other.pem").path() }

    package func port(_ security: String) -> Int { self.ports[security]?.int ?? 0 }

    /// The messages that the server has got, in order.
    package func messages() throws -> [JSONValue] {
        guard let data = try? Data(contentsOf: self.folder.appending(path: "messages")) else { return [] }
        return try data.split(separator: UInt8(ascii: "\n")).map { try JSONValue(parsing: Array($0)) }
    }
}

/// A program that a test needs is not installed, or failed.
package struct MissingProgram: Error, CustomStringConvertible {
    package let description: String
}

/// Runs a mail server for as long as `body` takes.
package func withSMTPServer(_ body: (SMTPServer) async throws -> Void) async throws {
    let python = try await findPython()
    let folder = FileManager.default.temporaryDirectory.appending(path: "smtp-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try await makeCertificate("certificate", in: folder)
    try await makeCertificate("other", in: folder)
    let files = ["ports", "messages", "certificate.pem", "certificate.key"].map { folder.appending(path: $0).path() }
    let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Tests/ProvidersTests/Fixtures/smtp/smtp_server.py").path()
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            let result = try await run(
                .name("env"),
                arguments: Arguments([python, script] + files),
                output: .discarded,
                error: .string(limit: 1 << 16)
            )
            throw MissingProgram(description: "The mail server ended: \(result.standardError)")
        }
        group.addTask {
            try await eventually { FileManager.default.fileExists(atPath: files[0]) }
        }
        try await group.next()
        let ports = try JSONValue(parsing: Array(Data(contentsOf: URL(filePath: files[0]))))
        try await body(SMTPServer(folder: folder, ports: ports))
        group.cancelAll()
    }
}

/// A Python that has aiosmtpd: the one that `TEST_PYTHON` names, or Debian's own, or the first on the path.
private func findPython() async throws -> String {
    let named = ProcessInfo.processInfo.environment["TEST_PYTHON"].map { [$0] } ?? []
    for python in named + ["/usr/bin/python3", "python3"] {
        let result = try? await run(
            .name("env"),
            arguments: [python, "-c", "import aiosmtpd"],
            output: .discarded,
            error: .discarded
        )
        if result?.terminationStatus.isSuccess == true { return python }
    }
    throw MissingProgram(description: "The mail tests need aiosmtpd: install the Debian package python3-aiosmtpd.")
}

private func makeCertificate(_ name: String, in folder: URL) async throws {
    let result = try await run(
        .name("openssl"),
        arguments: Arguments([
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
            "-keyout", folder.appending(path: "\(name).key").path(),
            "-out", folder.appending(path: "\(name).pem").path(),
        ]),
        output: .discarded,
        error: .string(limit: 1 << 16)
    )
    guard result.terminationStatus.isSuccess else {
        throw MissingProgram(description: "openssl made no certificate: \(result.standardError)")
    }
}
