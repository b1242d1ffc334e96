import Shared
import Testing

@testable import MessagingService

/// The whole table: what an act makes of a message by where it stands.
///
/// A word is the status afterwards; `yes` is allowed; `!` is refused because a worker has the message, `-` because of its
/// status.
private let table = """
               cancel     retry   sendNow  sent  failed  resend  delete  edit  later      now
    scheduled  cancelled  -       queued   -     -       -       yes     yes   scheduled  queued
    waiting    cancelled  -       queued   -     -       -       yes     yes   scheduled  queued
    ready      cancelled  -       queued   -     -       -       yes     yes   scheduled  queued
    aside      cancelled  -       queued   -     -       -       yes     yes   scheduled  queued
    leased     !          !       !        !     !       !       !       !     !          !
    uncertain  -          -       -        sent  failed  queued  yes     -     -          -
    held       -          -       -        sent  failed  queued  yes     -     -          -
    sent       -          -       -        -     -       -       yes     -     -          -
    delivered  -          -       -        -     -       -       yes     -     -          -
    read       -          -       -        -     -       -       yes     -     -          -
    failed     -          queued  -        -     -       -       yes     yes   scheduled  queued
    skipped    -          -       -        -     -       -       yes     -     -          -
    cancelled  -          -       -        -     -       -       yes     -     -          -
    expired    -          -       -        -     -       -       yes     -     -          -
    """

@Suite struct SettlementActsTests {
    private static let now = StoredMessage.now

    private enum Deed: String, CaseIterable {
        case cancel, retry, sendNow, sent, failed, resend, delete, edit, later, now
    }

    @Test(arguments: Standing.allCases, Deed.allCases.map(\.rawValue))
    func everyPairMatchesTheTable(standing: Standing, name: String) throws {
        let deed = try #require(Deed(rawValue: name))
        var settlement = Settlement(.standing(standing), attempts: [])
        #expect(Self.outcome(of: deed, on: &settlement) == Self.expected(standing, name))
    }

    @Test(arguments: [
        (Deed.cancel.rawValue, QueueMove.remove), ("sendNow", .enter), ("later", .schedule(now + .seconds(60))),
        ("now", .enter),
    ])
    func whatIsQueuedMovesInTheQueue(name: String, move: QueueMove) throws {
        let deed = try #require(Deed(rawValue: name))
        var settlement = Settlement(.standing(.waiting), attempts: [])
        _ = Self.outcome(of: deed, on: &settlement)
        #expect(settlement.move == move)
        #expect(settlement.isChanged)
    }

    @Test(arguments: [("sent", QueueMove.remove), ("failed", .remove), ("resend", .enter)])
    func whatIsResolvedMovesInTheQueue(name: String, move: QueueMove) throws {
        let deed = try #require(Deed(rawValue: name))
        var settlement = Settlement(.standing(.held), attempts: [])
        _ = Self.outcome(of: deed, on: &settlement)
        #expect(settlement.move == move)
    }

    @Test(arguments: ["retry", "later", "now"]) func aFailedMessageBeginsAnew(name: String) throws {
        let deed = try #require(Deed(rawValue: name))
        var settlement = Settlement(.standing(.failed, attemptCount: 6), attempts: [])
        _ = Self.outcome(of: deed, on: &settlement)
        #expect(settlement.attemptCount == 0)
        #expect(settlement.error == nil)
    }

    @Test func aDecisionThatItFailedIsSaid() {
        var settlement = Settlement(.standing(.uncertain), attempts: [])
        _ = Self.outcome(of: .failed, on: &settlement)
        #expect(settlement.error?.0.code == "resolved-as-failed")
        #expect(settlement.attemptCount == 1)
    }

    @Test func aTimeThatIsOverIsNow() throws {
        var settlement = Settlement(.standing(.scheduled), attempts: [])
        try settlement.reschedule(Self.now, now: Self.now)
        #expect(settlement.status == .queued)
    }

    @Test(
        arguments: [
            (ActRefusal.inFlight, "message-in-flight", nil),
            (.wrongState(.sent, allowed: "it has to wait"), "message-state", "It is sent; it has to wait."),
        ] as [(ActRefusal, String, String?)]
    )
    func aRefusalIsAConflict(refusal: ActRefusal, code: String, detail: String?) {
        #expect(refusal.problem.status == 409)
        #expect(refusal.problem.code == code)
        #expect(refusal.problem.detail == detail)
    }

    @Test func aRefusedActChangesNothing() {
        var settlement = Settlement(.standing(.leased), attempts: [])
        for deed in Deed.allCases { _ = Self.outcome(of: deed, on: &settlement) }
        #expect(!settlement.isChanged)
        #expect(settlement.move == nil)
        #expect(settlement.status == .queued)
    }

    private static func outcome(of deed: Deed, on settlement: inout Settlement) -> String {
        do throws(ActRefusal) {
            switch deed {
            case .cancel: try settlement.cancel(now: self.now)
            case .retry: try settlement.retry(now: self.now)
            case .sendNow: try settlement.sendNow(now: self.now)
            case .sent: try settlement.resolve(.sent, now: self.now)
            case .failed: try settlement.resolve(.failed, now: self.now)
            case .resend: try settlement.resolve(.resend, now: self.now)
            case .later: try settlement.reschedule(self.now + .seconds(60), now: self.now)
            case .now: try settlement.reschedule(nil, now: self.now)
            case .delete:
                try settlement.checkDeletable()
                return "yes"
            case .edit:
                try settlement.checkEditable()
                return "yes"
            }
            return settlement.status.rawValue
        } catch {
            switch error {
            case .inFlight: return "!"
            case .inbound: return "i"
            case .wrongState(let status, _): return status == settlement.status ? "-" : "?"
            }
        }
    }

    private static func expected(_ standing: Standing, _ deed: String) -> String? {
        let rows = table.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        guard let column = rows.first?.firstIndex(of: deed) else { return nil }
        return rows.dropFirst().first { $0.first == standing.description }?[column + 1]
    }
}
