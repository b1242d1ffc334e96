import Postgres
import TestSupport
import Testing

@Suite(.database(migrations: [], role: "postgres_tests"), .timeLimit(.minutes(5)))
struct ListenerTests {
    private typealias Event = PostgresListenerService.Event

    private func notify(_ payload: String) async throws {
        try await TestDatabase.connection.query("SELECT pg_notify('deliveries', \(payload)::text)")
    }

    @Test func aServiceHearsAgainAfterALostConnection() async throws {
        let proxy = try await Proxy()
        let events = AsyncStream.makeStream(of: Event.self)
        let service = PostgresListenerService(
            try PostgresConfig(url: proxy.url),
            channels: ["deliveries"],
            logger: .quiet
        ) { event in events.continuation.yield(event) }
        try await withServices([service]) {
            var heard = events.stream.makeAsyncIterator()
            #expect(await heard.next() == .listening)
            try await self.notify("one")
            #expect(await heard.next() == .notification(.init(channel: "deliveries", payload: "one")))
            for payload in ["two", "three", "four"] {
                proxy.goDown()
                try await self.notify("unheard")
                try proxy.comeBack()
                #expect(await heard.next() == .listening)
                try await self.notify(payload)
                #expect(await heard.next() == .notification(.init(channel: "deliveries", payload: payload)))
            }
        }
    }

    @Test func aServiceStopsWhileTheServerIsDown() async throws {
        let proxy = try await Proxy()
        proxy.goDown()
        let service = PostgresListenerService(
            try PostgresConfig(url: proxy.url),
            channels: ["deliveries"],
            logger: .quiet
        ) { _ in Issue.record("heard something") }
        try await withServices([service]) {
            _ = await #expect(throws: PostgresError.self) { try await PostgresConnection(proxy.url) }
        }
    }

    @Test func aLostConnectionEndsTheNotificationsWithAnError() async throws {
        let proxy = try await Proxy()
        let listener = try await PostgresListener(proxy.url, channels: ["deliveries"])
        proxy.goDown()
        await #expect(throws: PostgresError.self) {
            for try await _ in listener.notifications {}
        }
    }

    @Test func aClosedListenerEndsItsNotifications() async throws {
        let listener = try await PostgresListener(TestDatabase.url, channels: ["deliveries"])
        await listener.close()
        for try await _ in listener.notifications { Issue.record("heard something") }
    }
}
