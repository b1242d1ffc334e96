import Foundation
import NIOHTTP1
import ProviderStub
import Shared
import TestSupport
import Testing

/// A click on a marketing mail's link ends marketing by email, and nothing else.
@Suite struct UnsubscribeTests {
    private static let sale: JSONValue = [
        "to": "ada@example.org", "channel": "email", "subject": "Sale", "category": "marketing",
        "html": "<p>Sale</p><p><a href=\"{{unsubscribe_url}}\">Enough</a></p>",
    ]

    @Test(.timeLimit(.minutes(5))) func whoClicksGetsNoMoreMarketing() async throws {
        try await withSMTPServer { server in
            let port = "\(server.port("none"))"
            try await withPlatform { platform in
                let tenant = try await platform.newTenant()
                _ = try await tenant.newSMTPAccount(port: port)
                let first = try await tenant.post("/api/v1/messages", Self.sale)
                try await eventually { try await tenant.status(of: first.id) == "sent" }
                let mail = try #require(try server.messages().first)
                let link = try #require(mail.header("List-Unsubscribe")?.dropFirst().dropLast())
                #expect(mail.header("List-Unsubscribe-Post") == "List-Unsubscribe=One-Click")
                #expect(link.hasPrefix("\(platform.inboundURL)/unsubscribe/"))
                #expect(mail["parts"]?[1]?["text"]?.string?.contains("href=\"\(link)\"") == true)
                let inbound = API(url: platform.inboundURL, key: nil)
                let path = String(link.dropFirst(platform.inboundURL.count))

                // A scanner's look ends nothing.
                let looked = try await inbound.send(.GET, path, [], [:])
                #expect(looked.status == 200 && looked.text.contains("<button"))
                let second = try await tenant.post("/api/v1/messages", Self.sale)
                try await eventually { try await tenant.status(of: second.id) == "sent" }

                let clicked = try await inbound.send(
                    .POST,
                    path,
                    Array("List-Unsubscribe=One-Click".utf8),
                    ["content-type": "application/x-www-form-urlencoded"]
                )
                #expect(clicked.status == 200)
                let third = try await tenant.post("/api/v1/messages", Self.sale)
                #expect(third.json["status"]?.string == "skipped")
                #expect(third.json["error"]?["code"]?.string == "opted-out")
                let receipt = try await tenant.sendMessage([
                    "to": "ada@example.org", "channel": "email", "subject": "Receipt", "body": "Paid",
                ])
                try await eventually { try await tenant.status(of: receipt) == "sent" }
                let mails = try server.messages()
                #expect(mails.count == 3)
                #expect(mails.last?.header("List-Unsubscribe") == nil)

                let customer = first.json["customer_id"]?.string ?? ""
                let history = try await tenant.get("/api/v1/customers/\(customer)/consents/history").json["data"]
                #expect(history?.array?.count == 1)
                #expect(history?[0]?["source"]?.string == "unsubscribe")
                #expect(history?[0]?["proof"]?.string == first.id)
                #expect(history?[0]?["purpose"]?.string == "marketing")
                let conversation = first.json["conversation_id"]?.string ?? ""
                let activities = try await tenant.get("/api/v1/conversations/\(conversation)/activities").json["data"]
                let optOut = activities?.array?.first { $0["type"]?.string == "OPTED_OUT" }
                #expect(optOut?["detail"]?["source"]?.string == "unsubscribe")
                #expect(optOut?["detail"]?["message_id"]?.string == first.id)
                let shown = try await tenant.get("/api/v1/conversations/\(conversation)").json
                #expect(shown["unread_count"]?.int == 0)
            }
        }
    }

    @Test(.timeLimit(.minutes(5))) func aForgedLinkEndsNothing() async throws {
        try await withPlatform { platform in
            let answer = try await API(url: platform.inboundURL, key: nil).send(
                .POST,
                "/unsubscribe/\(String(repeating: "A", count: 160))",
                [],
                [:]
            )
            #expect(answer.status == 404)
        }
    }
}

extension JSONValue {
    /// The value of a mail's header, as the server of the tests tells it.
    fileprivate func header(_ name: String) -> String? {
        self["headers"]?.array?.first { $0[0]?.string == name }?[1]?.string
    }
}
