import Foundation

/// Counts, through the API, which of the acknowledged messages are there, and how often.
struct CountEffects: Sendable {
    struct Effects: Sendable {
        /// Acknowledged, and not there.
        var lost = 0
        /// There more than once.
        var doubled = 0
        /// From the last acknowledgement until all were there.
        var caughtUp: Duration?
    }

    private static let look: Duration = .milliseconds(500)

    let api: LoadClient
    let account: WebhookAccount
    let clock: any Clock<Duration>

    func callAsFunction(of numbers: Set<Int>, within patience: Duration) async throws -> Effects {
        let start = ContinuousClock.now
        while true {
            let found = try await self.counts()
            let lost = numbers.count { found[WebhookPayloads.id($0)] == nil }
            let passed = ContinuousClock.now - start
            guard lost > 0, passed < patience else {
                return Effects(
                    lost: lost,
                    doubled: found.values.count { $0 > 1 },
                    caughtUp: lost == 0 ? passed : nil
                )
            }
            try await self.clock.sleep(for: Self.look)
        }
    }

    /// How often each message of the provider's is there, by its id.
    private func counts() async throws(LoadFailure) -> [String: Int] {
        var counts: [String: Int] = [:]
        var cursor = ""
        repeat {
            let path = "/api/v1/messages?direction=inbound&account_id=\(self.account.id)&limit=200\(cursor)"
            let answer = try await self.api.get(path)
            guard answer.status == 200, let page = try? JSONDecoder().decode(Page.self, from: answer.body) else {
                throw LoadFailure("Messages can not be listed (\(answer.status)): \(answer.explanation)")
            }
            for message in page.data { counts[message.id, default: 0] += 1 }
            cursor = page.next.map { "&cursor=\($0)" } ?? ""
        } while !cursor.isEmpty
        return counts
    }

    private struct Page: Decodable {
        struct Message: Decodable {
            let id: String

            private enum CodingKeys: String, CodingKey {
                case id = "provider_message_id"
            }
        }

        let data: [Message]
        let next: String?

        private enum CodingKeys: String, CodingKey {
            case data
            case next = "next_cursor"
        }
    }
}
