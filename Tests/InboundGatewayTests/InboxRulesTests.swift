import InternalAPI
import Shared
import Testing

@testable import InboundGateway

/// The rules that need no database.
@Suite struct InboxRulesTests {
    @Test(arguments: zip([0, 1, 2, 3, 9, 10, 100, Int.max], [1, 1, 2, 4, 256, 300, 300, 300]))
    func thePauseDoublesUpTo5Minutes(attempt: Int, seconds: Int) {
        #expect(InboxPolicy().pause(afterAttempt: attempt) == .seconds(seconds))
    }

    @Test(
        arguments: zip(
            [#""a""#, #""\u0000""#, #""\\u0000""#, #""\\\u0000\u0000""#, #""\"\u00001""#],
            [#""a""#, #""\ufffd""#, #""\\u0000""#, #""\\\ufffd\ufffd""#, #""\"\ufffd1""#]
        )
    )
    func onlyTheEscapeOfNULIsReplaced(text: String, expected: String) {
        #expect(StorableText.json(text) == expected)
    }

    @Test(arguments: [PassVerdict.refused("no"), .unavailable("down"), .done])
    func onlyRefusalsLeadToFailure(verdict: PassVerdict) {
        let event = ClaimedEvent(
            orgID: .new(),
            accountID: .new(),
            provider: .twilio,
            kind: .report,
            key: "k",
            attempts: 100,
            refusals: 19,
            content: "{}",
            arrivedAt: .now
        )
        let settlement = Settlement(event, verdict, policy: InboxPolicy())
        switch verdict {
        case .refused:
            #expect(settlement.state == .failed)
            #expect(settlement.pause == nil)
        case .unavailable:
            #expect(settlement.state == .pending)
            #expect(settlement.pause == .seconds(5))
        case .done:
            #expect(settlement.state == .done)
            #expect(settlement.error == nil)
        }
    }

    @Test func theCacheHoldsNoMoreThanItsLimit() {
        let cache = AccountCache(limit: 3)
        let accounts = (0..<10).map { MessagingAPI.WebhookAccount.whatsApp(number: "\($0)") }
        for account in accounts {
            let number = MessagingAPI.WebhookAccountQuery.number(.whatsappCloud, account.number ?? "")
            cache.set(KnownAccount(account: account, checkedAt: .now), foundBy: number)
        }
        #expect(accounts.filter { cache.find(.id($0.accountID)) != nil }.count == 3)
        #expect(accounts.filter { cache.find(.number(.whatsappCloud, $0.number ?? "")) != nil }.count == 3)
        #expect(cache.find(.id(accounts[9].accountID)) != nil)
    }
}
