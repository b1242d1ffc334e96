import Foundation
import Installation
import ProviderStub
import Shared
import TestSupport
import Testing

extension Engine {
    /// What the processes log of a message: enough to follow it, and nothing that is its organization's or its recipient's.
    @Suite struct LogTests {
        private static let text = "CANARY-of-the-text"

        @Test(.timeLimit(.minutes(5))) func everyAttemptIsOneLineAndNoLineHasContentOrAddress() async throws {
            try await withInstallation(InstallationPlan(workers: 1, logLevel: "debug")) { herald in
                let tenant = try await herald.newTenant()
                let recipients = ["+15550000002", "+15550000004", "+15550000005"]
                var ids: [String] = []
                for recipient in recipients {
                    let retry: JSONValue = ["delays": ["50ms", "50ms"]]
                    ids.append(
                        try await tenant.create(
                            textMessage(to: recipient, Self.text, channel: "sandbox", ["retry": retry])
                        )
                    )
                }
                for (id, status) in zip(ids, ["delivered", "failed", "delivered"]) {
                    _ = try #require(try await timeUntil(.seconds(30)) { try await tenant.status(of: id) == status })
                }
                let lines = try Self.lines(of: herald)
                let attempts = lines.filter { $0["message"]?.string == "attempt ended" }
                let outcomes = ids.map { id in
                    attempts.filter { $0["message.id"]?.string == id }.compactMap { $0["outcome"]?.string }
                }
                #expect(outcomes == [["accepted"], ["permanent"], ["transient", "transient", "accepted"]])
                for line in attempts {
                    #expect(
                        line["org.id"]?.string != nil && line["ms"]?.string != nil && line["provider"]?.string != nil
                    )
                }
                let secrets =
                    recipients.map { String($0.dropFirst()) } + [
                        Self.text, tenant.key ?? "?", Installation.operatorKey,
                    ]
                for secret in secrets { #expect(!lines.contains { $0.text.contains(secret) }, "\(secret)") }
            }
        }

        /// Every line of every process; one that is no JSON fails the test.
        private static func lines(of herald: Installation) throws -> [JSONValue] {
            let files = try FileManager.default.contentsOfDirectory(atPath: herald.folder).filter {
                $0.hasSuffix(".log")
            }
            #expect(files.count == 7)
            return try files.flatMap { file in
                let text = try String(contentsOfFile: "\(herald.folder)/\(file)", encoding: .utf8)
                return try text.split(separator: "\n").map { line in
                    let value = try? JSONValue(parsing: Array(line.utf8))
                    return try #require(value, "\(file): \(line)")
                }
            }
        }
    }
}
