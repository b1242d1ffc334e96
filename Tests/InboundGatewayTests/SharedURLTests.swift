import InboundGateway
import InternalAPI
import Shared
import Telemetry
import TestSupport
import Testing

/// One Meta app, many numbers, of one or several organizations.
@Suite(.database(migrations: InboundMigrations.all, role: "inbound"), .timeLimit(.minutes(5)))
struct SharedURLTests {
    let secret = "the app's secret"

    @Test func twoNumbersOfOneOrganizationGoToTheirAccounts() async throws {
        let first = MessagingAPI.WebhookAccount.whatsApp(number: "1111", secret: self.secret)
        let second = MessagingAPI.WebhookAccount.whatsApp(number: "2222", secret: self.secret, orgID: first.orgID)
        try await Gateway.run([first, second]) { gateway async throws in
            let body = Payloads.statuses(ofNumbers: [("1111", "wamid.1"), ("2222", "wamid.2")])
            #expect(try await gateway.meta(body, secret: self.secret).status == 200)

            let applied = gateway.messaging.applied.sorted { $0.report.eventKey < $1.report.eventKey }
            #expect(applied.map(\.accountID) == [first.accountID, second.accountID])
            #expect(try await Stored.bodies(of: first.orgID) == [body, body])
        }
    }

    @Test func twoOrganizationsEachKeepTheirOwnPartOnly() async throws {
        let first = MessagingAPI.WebhookAccount.whatsApp(number: "1111", secret: self.secret)
        let second = MessagingAPI.WebhookAccount.whatsApp(number: "2222", secret: self.secret)
        try await Gateway.run([first, second]) { gateway async throws in
            let body = Payloads.statuses(ofNumbers: [("1111", "wamid.1"), ("2222", "wamid.2")])
            #expect(try await gateway.meta(body, secret: self.secret).status == 200)

            for (account, id, foreign) in [(first, "wamid.1", "wamid.2"), (second, "wamid.2", "wamid.1")] {
                #expect(try await Stored.events(of: account.orgID).map(\.key) == ["\(id):delivered:1700000000"])
                let bodies = try await Stored.bodies(of: account.orgID)
                #expect(bodies.count == 1)
                #expect(bodies.allSatisfy { $0.contains(id) && !$0.contains(foreign) })
            }
            #expect(gateway.messaging.applied.count == 2)
        }
    }

    @Test func aNumberThatIsNobodysDoesNotHoldUpTheOthers() async throws {
        let account = MessagingAPI.WebhookAccount.whatsApp(number: "1111", secret: self.secret)
        try await Gateway.run([account]) { gateway async throws in
            let body = Payloads.statuses(ofNumbers: [("9999", "wamid.9"), ("1111", "wamid.1")])
            #expect(try await gateway.meta(body, secret: self.secret).status == 200)
            #expect(gateway.messaging.appliedKeys == ["wamid.1:delivered:1700000000"])
        }
    }

    @Test func whatNobodyHasAnAccountForIsCounted() async throws {
        let first = MessagingAPI.WebhookAccount.whatsApp(number: "1111", secret: self.secret)
        let second = MessagingAPI.WebhookAccount.whatsApp(number: "2222", secret: self.secret)
        let metrics = MetricsRegistry()
        try await Gateway.run([first, second], metrics: metrics) { gateway async throws in
            let some = Payloads.statuses(ofNumbers: [("1111", "wamid.1"), ("9999", "wamid.9"), ("2222", "wamid.2")])
            #expect(try await gateway.meta(some, secret: self.secret).status == 200)
            #expect(metrics.text.contains("\ninbound_events_without_account_total 1\n"))
            let none = Payloads.statuses(ofNumbers: [("8888", "wamid.8"), ("9999", "wamid.9")])
            #expect(try await gateway.meta(none, secret: self.secret).status == 404)
            #expect(metrics.text.contains("\ninbound_events_without_account_total 3\n"))
            // What has an account is no stray.
            #expect(
                try await gateway.meta(Payloads.statuses(["wamid.3"], number: "1111"), secret: self.secret).status
                    == 200
            )
            #expect(metrics.text.contains("\ninbound_events_without_account_total 3\n"))
        }
    }

    @Test func anAccountThatClaimsTheNumberOfAnotherDoesNotGetItsEvents() async throws {
        let owner = MessagingAPI.WebhookAccount.whatsApp(number: "1111", secret: self.secret)
        let claimant = MessagingAPI.WebhookAccount.whatsApp(number: "1111", secret: "another")
        // messaging-service names the first one as the number's owner.
        try await Gateway.run([owner, claimant]) { gateway async throws in
            let claim = Payloads.statuses(["wamid.0"], number: "1111")
            #expect(try await gateway.meta(claim, secret: "another", to: claimant.accountID).status == 200)

            let body = Payloads.statuses(["wamid.1"], number: "1111")
            #expect(try await gateway.meta(body, secret: self.secret).status == 200)
            #expect(try await Stored.events(of: owner.orgID).count == 1)
            #expect(try await gateway.meta(body, secret: "another").status == 401)
        }
    }
}
