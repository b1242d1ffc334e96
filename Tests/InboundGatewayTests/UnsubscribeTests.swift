import Foundation
import InboundGateway
import InternalAPI
import NIOHTTP1
import Secrets
import Shared
import Synchronization
import TestSupport
import Testing

/// The links in marketing mails: a look changes nothing, a click does, once it is stored.
@Suite(.database(migrations: InboundMigrations.all, role: "inbound"), .timeLimit(.minutes(5)))
struct UnsubscribeTests {
    private let link = UnsubscribeLink(
        orgID: .new(),
        accountID: .new(),
        provider: .smtp,
        messageID: .new(),
        channel: .email,
        address: "ann&co@example.com"
    )

    private var path: String {
        get throws {
            let key = try MasterKey(base64: Data(repeating: 7, count: 32).base64EncodedString())
            return "/unsubscribe/\(UnsubscribeTokens(masterKeys: MasterKeys(key)).token(of: self.link))"
        }
    }

    private static let oneClick = "List-Unsubscribe=One-Click"

    @Test func aLookShowsAButtonAndChangesNothing() async throws {
        try await Gateway.run([]) { gateway async throws in
            let answer = try await gateway.call(.GET, self.path)
            #expect(answer.status == 200)
            #expect(answer.headers.first(name: "content-type") == "text/html; charset=utf-8")
            #expect(answer.headers.first(name: "cache-control") == "no-store")
            #expect(answer.headers.first(name: "referrer-policy") == "no-referrer")
            #expect(answer.headers.first(name: "content-security-policy")?.contains("default-src 'none'") == true)
            #expect(answer.body.contains("ann&amp;co@example.com"))
            #expect(answer.body.contains(#"<form method="post">"#))
            #expect(try await Stored.events(of: self.link.orgID).isEmpty)
            #expect(gateway.customers.calls == 0)
        }
    }

    @Test func aClickIsStoredAndPassedOn() async throws {
        let now = Timestamp.now
        try await Gateway.run([], now: { now }) { gateway async throws in
            for _ in 1...2 {
                let answer = try await gateway.call(
                    .POST,
                    self.path,
                    headers: [("content-type", "application/x-www-form-urlencoded")],
                    body: Self.oneClick
                )
                #expect(answer.status == 200)
                #expect(answer.body.contains("ann&amp;co@example.com"))
            }
            // The second is the same within the minute.
            let item = try #require(gateway.customers.received.first)
            #expect(gateway.customers.received.count == 1)
            #expect(item.orgID == self.link.orgID && item.accountID == self.link.accountID)
            #expect(item.channel == .email && item.keyword == nil)
            #expect(item.senders == [Address(kind: .email, value: "ann&co@example.com")])
            #expect(item.optOut?.source == .unsubscribe)
            #expect(item.optOut?.messageID == self.link.messageID)
            // The timeline of its conversation has it too.
            let told = try #require(gateway.conversations.received.first)
            #expect(told.optOut == item.optOut && told.eventKey == item.eventKey)
            #expect(told.address == item.senders.first && told.accountID == self.link.accountID)
            try await eventually { try await Stored.events(of: self.link.orgID).map(\.state) == ["done"] }
            let listed = try await gateway.inbox(.GET, "/internal/webhook-events?kind=opt_out", of: self.link.orgID)
            #expect(listed.json["data"]?.array?.count == 1)
            #expect(try await Stored.bodies(of: self.link.orgID) == [""])
        }
    }

    @Test func withoutCustomersAClickIsTakenAndFinishedLater() async throws {
        var policy = InboxPolicy.quick
        policy.requestBudget = .milliseconds(200)
        policy.lease = .milliseconds(300)
        try await Gateway.run([], policy: policy) { gateway async throws in
            gateway.customers.set(.down)
            #expect(try await gateway.call(.POST, self.path, body: Self.oneClick).status == 200)
            #expect(try await Stored.events(of: self.link.orgID).map(\.state) == ["pending"])
            gateway.customers.set(.up)
            // Its organization has no account with webhooks, and is swept all the same.
            try await eventually { try await Stored.events(of: self.link.orgID).map(\.state) == ["done"] }
            #expect(gateway.customers.received.first?.optOut?.messageID == self.link.messageID)
        }
    }

    @Test func laterTheSameLinkCountsAgain() async throws {
        let clock = MovingTime()
        try await Gateway.run([], now: { clock.now }) { gateway async throws in
            for _ in 1...2 {
                #expect(try await gateway.call(.POST, self.path).status == 200)
                clock.advance(by: .seconds(60))
            }
            #expect(gateway.customers.received.count == 2)
        }
    }

    @Test(arguments: ["", "x", "%00", String(repeating: "A", count: 200), "..%2Fx"])
    func aWrongTokenIsAPageThatSaysSo(token: String) async throws {
        try await Gateway.run([]) { gateway async throws in
            let get = try await gateway.call(.GET, "/unsubscribe/\(token)")
            #expect(get.status == 404)
            let post = try await gateway.call(.POST, "/unsubscribe/\(token)", body: Self.oneClick)
            #expect(post.status == 404)
            guard !token.isEmpty else { return }
            #expect(get.body.contains("<h1>This link is not known</h1>"))
            #expect(post.body == get.body)
        }
    }

    @Test func aBodyIsShort() async throws {
        try await Gateway.run([]) { gateway async throws in
            let least = String(repeating: "a", count: 4096)
            #expect(try await gateway.call(.POST, self.path, body: least).status == 200)
            #expect(try await gateway.call(.POST, self.path, body: least + "a").status == 413)
        }
    }
}

/// A clock that stands until it is moved.
private final class MovingTime: Sendable {
    private let time = Mutex(Timestamp.now)

    var now: Timestamp { self.time.withLock(\.self) }

    func advance(by duration: Duration) { self.time.withLock { $0 = $0 + duration } }
}
