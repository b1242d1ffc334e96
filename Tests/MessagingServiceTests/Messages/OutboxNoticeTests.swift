import MessagingService
import Shared
import Testing

@Suite struct OutboxNoticeTests {
    private static let notice = OutboxNotice(replica: "a")

    @Test(arguments: [0, 1, 2, OutboxNotice.mostAccounts])
    func anotherReplicaHearsWhoHasWork(count: Int) {
        let accounts = Self.accounts(count)
        let payload = OutboxNotice(replica: "b").payload(accounts)
        // Postgres takes less than 8,000 bytes.
        #expect(payload.utf8.count < 7950)
        switch Self.notice.heard(payload) {
        case .accounts(let heard): #expect(Set(heard) == accounts && heard.count == count)
        case let other: #expect(other == .something && count == 0)
        }
    }

    @Test func tooManyAreNotNamed() {
        let payload = OutboxNotice(replica: "b").payload(Self.accounts(OutboxNotice.mostAccounts + 1))
        #expect(Self.notice.heard(payload) == .something)
    }

    @Test func aReplicaDoesNotHearItself() {
        #expect(Self.notice.heard(Self.notice.payload(Self.accounts(3))) == .own)
        #expect(Self.notice.heard(Self.notice.payload([])) == .own)
    }

    /// What an older or a newer replica says in words of its own is a reason to look.
    @Test(arguments: [
        ("everything", OutboxNotice.Heard.everything), ("", .something), ("b", .something), ("b o/", .something),
        ("b x01a218df-d4ee-738e-bbdc-f74eb8599bcd/01a218df-d4ee-738e-bbdc-f74eb8599bcd", .something),
        ("b o01a218df-d4ee-738e-bbdc-f74eb8599bcd", .something),
    ])
    func whatIsNotUnderstoodIsLookedUp(payload: String, heard: OutboxNotice.Heard) {
        #expect(Self.notice.heard(payload) == heard)
    }

    private static func accounts(_ count: Int) -> Set<DueAccount> {
        Set(
            (0..<count).map { number in
                DueAccount(AccountKey(orgID: .new(), accountID: .new()), number % 2 == 0 ? .otp : .ordinary)
            }
        )
    }
}
