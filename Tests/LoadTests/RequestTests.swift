import Foundation
import NIOCore
import Shared
import Testing

@testable import Load

/// What is sent.
@Suite struct RequestTests {
    /// Each message is told to be sent, delivered and read, once each, ten statuses a webhook.
    @Test func everyStatusIsPostedOnce() async throws {
        let sent = (0..<7).map { "wamid.\($0)" }
        try await LoadClient.with("http://127.0.0.1:1", connections: 1) { client in
            let account = WebhookAccount(id: UUID(), number: "1055", secret: "secret")
            let post = PostStatuses(client: client, account: account, sent: sent)
            #expect(post.statusCount == 21)
            #expect(post.webhookCount == 3)
            var told: [String: [String]] = [:]
            var sizes: [Int] = []
            for number in 0..<post.webhookCount {
                let json = try JSONValue(parsing: Array(post.text(number).utf8))
                let value = json["entry"]?[0]?["changes"]?[0]?["value"]
                #expect(value?["metadata"]?["phone_number_id"]?.string == "1055")
                let statuses = value?["statuses"]?.array ?? []
                sizes.append(statuses.count)
                for status in statuses {
                    told[status["id"]?.string ?? "", default: []].append(status["status"]?.string ?? "")
                }
            }
            #expect(sizes == [10, 10, 1])
            #expect(told.keys.sorted() == sent)
            for statuses in told.values { #expect(statuses == ["sent", "delivered", "read"]) }
        }
    }

    /// Who was written to before is not written to again.
    @Test func recipientsTakeTurnsFromTheFirstOn() {
        var body = MessageBody(channel: .whatsapp, recipients: 3, text: "a")
        body.firstRecipient = 7
        let recipients = (0..<4).map { number in
            (try? JSONValue(parsing: Array(body.json(number).utf8)))?["to"]?.string
        }
        #expect(recipients == [7, 8, 9, 7].map { "+491501\(String("00000000\($0)".suffix(9)))" })
    }

    /// The example of RFC 4231, 4.3.
    @Test func webhooksAreSignedByHMAC() {
        #expect(
            WebhookSigner(secret: "Jefe").signature(of: "what do ya want for nothing?")
                == "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        )
    }

    @Test func nobodyAnswersWhereNobodyListens() async throws {
        try await LoadClient.with("http://127.0.0.1:1", connections: 1) { client in
            let result = await CreateBatch(
                client: client,
                body: MessageBody(channel: .whatsapp, recipients: 1, text: "a"),
                size: 1
            ).result(0)
            #expect(throws: LoadFailure.self) { try result.get() }
        }
    }
}
