import InternalAPI
import MessagingService
import Shared
import Testing

/// The whole table: the state of a message by the move that is made with it.
///
/// In `scheduled` and `held` the lane has another head; in the others the message is the head or waits behind one. `*` is
/// the effect of giving up the place; `remove` leaves the row to its caller.
private let table = """
               enter    schedule   retry    longRetry   stay     longStay   giveBack  hold       free
    scheduled  waiting  scheduled  waiting  scheduled   waiting  scheduled  waiting   held       held
    waiting    waiting  scheduled  waiting  scheduled   waiting  scheduled  waiting   held       held
    ready      ready    scheduled  ready    *scheduled  ready    ready      ready     uncertain  held
    leased     ready    scheduled  ready    *scheduled  ready    ready      ready     uncertain  held
    uncertain  ready    scheduled  ready    *scheduled  ready    ready      ready     uncertain  held
    held       waiting  scheduled  waiting  scheduled   waiting  scheduled  waiting   held       held
    """

@Suite struct QueueRowTests {
    private static let now = Timestamp(microseconds: 1_000_000_000)
    private static let rules = QueueRow.Rules(patience: .seconds(120), pairInterval: .zero)
    private static let moves: [(name: String, move: QueueMove)] = [
        ("enter", .enter), ("schedule", .schedule(now + .seconds(60))), ("retry", .retry(after: .zero)),
        ("longRetry", .retry(after: .seconds(121))), ("stay", .stay(after: .zero)),
        ("longStay", .stay(after: .seconds(3600))), ("giveBack", .giveBack),
        ("hold", .hold(until: now + .seconds(120), nextCheck: now + .seconds(10))), ("free", .free),
    ]

    @Test(arguments: QueueState.allCases, moves.map(\.name))
    func everyPairMatchesTheTable(state: QueueState, name: String) throws {
        let move = try #require(Self.moves.first { $0.name == name }?.move)
        var (row, lane) = Self.standing(state)
        let effect = row.make(move, in: &lane, now: Self.now, rules: Self.rules)
        #expect((effect == .steppedAside ? "*" : "") + row.state.rawValue == Self.expected(state, name))
        // What every move keeps: only who has a place counts, and a lease ends.
        #expect((row.place != nil) == row.state.hasPlace)
        #expect(row.lease == nil)
        #expect((lane.head == row.key.id) == row.state.isHead)
        #expect(lane.waiting == (row.state == .waiting ? 1 : 0))
    }

    @Test(arguments: QueueState.allCases) func whatIsRemovedLeavesItsLane(state: QueueState) {
        var (row, lane) = Self.standing(state)
        #expect(row.make(.remove, in: &lane, now: Self.now, rules: Self.rules) == .none)
        #expect(lane.head != row.key.id)
        #expect(lane.waiting == 0)
    }

    @Test(arguments: [
        (QueueMove.retry(after: .seconds(30)), 30), (.stay(after: .seconds(5)), 5),
        (.stay(after: .seconds(3600)), 3600),
        (.enter, 0), (.retry(after: .zero), 0), (.giveBack, 0),
    ])
    func theHeadIsDueAfterItsWait(move: QueueMove, seconds: Int) {
        var (row, lane) = Self.standing(.leased)
        _ = row.make(move, in: &lane, now: Self.now, rules: Self.rules)
        #expect(row.dueAt == Self.now + .seconds(seconds))
        #expect(row.state == .ready)
    }

    /// The patience counts from the first failure, and not from the latest.
    @Test func aHeadThatFailsAgainAndAgainLosesPatience() {
        var (row, lane) = Self.standing(.leased)
        var now = Self.now
        for wait in [50, 50] {
            #expect(row.make(.retry(after: .seconds(wait)), in: &lane, now: now, rules: Self.rules) == .none)
            #expect(row.failingSince == Self.now)
            now = now + .seconds(wait)
        }
        #expect(row.make(.retry(after: .seconds(50)), in: &lane, now: now, rules: Self.rules) == .steppedAside)
        #expect(row.dueAt == now + .seconds(50))
        #expect(row.failingSince == nil)
        #expect(lane.head == nil)
    }

    /// What it failed before it left its lane is over when it comes back: it has held up nobody meanwhile.
    @Test(arguments: [QueueMove.schedule(now + .seconds(86_400)), .free])
    func whoComesBackHasTheWholePatienceAgain(move: QueueMove) {
        var (row, lane) = Self.standing(.leased)
        _ = row.make(.retry(after: .seconds(10)), in: &lane, now: Self.now, rules: Self.rules)
        _ = row.make(move, in: &lane, now: Self.now, rules: Self.rules)
        let later = Self.now + .seconds(86_400)
        _ = row.make(.enter, in: &lane, now: later, rules: Self.rules)
        #expect(row.make(.retry(after: .seconds(10)), in: &lane, now: later, rules: Self.rules) == .none)
    }

    @Test func withoutPatienceOnlyAnImmediateRetryKeepsThePlace() {
        let rules = QueueRow.Rules(patience: .zero, pairInterval: .zero)
        var (row, lane) = Self.standing(.leased)
        #expect(row.make(.retry(after: .zero), in: &lane, now: Self.now, rules: rules) == .none)
        #expect(row.make(.retry(after: .milliseconds(1)), in: &lane, now: Self.now, rules: rules) == .steppedAside)
    }

    @Test func holdingWaitsForEvidenceInItsPlace() {
        var (row, lane) = Self.standing(.leased)
        let (until, check) = (Self.now + .seconds(120), Self.now + .seconds(10))
        _ = row.make(.hold(until: until, nextCheck: check), in: &lane, now: Self.now, rules: Self.rules)
        #expect(row.holdUntil == until)
        #expect(row.dueAt == check)
        _ = row.make(.free, in: &lane, now: Self.now, rules: Self.rules)
        #expect(row.dueAt == .distantFuture)
        _ = row.make(.enter, in: &lane, now: Self.now, rules: Self.rules)
        #expect(row.holdUntil == nil)
        #expect(row.checks == 0)
    }

    /// A recipient gets nothing more of the lane for a while after what may have reached it, unless it is a code.
    @Test(arguments: [(Shared.Category.transactional, 6), (.marketing, 6), (.otp, 0)])
    func aLeaseKeepsADistance(category: Shared.Category, seconds: Int) {
        let rules = QueueRow.Rules(patience: .seconds(120), pairInterval: .seconds(6))
        var (row, lane) = Self.standing(.leased, category)
        _ = row.make(.remove, in: &lane, now: Self.now + .seconds(1), rules: rules)
        #expect(lane.freeAt == (seconds > 0 ? Self.now + .seconds(seconds) : nil))
        var next = Self.row(.scheduled, category)
        _ = next.make(.enter, in: &lane, now: Self.now + .seconds(1), rules: rules)
        #expect(next.dueAt == Self.now + .seconds(max(seconds, 1)))
    }

    @Test(arguments: [(QueueState.ready, QueueMove.remove), (.leased, .giveBack)])
    func whatDidNotLeaveKeepsNoDistance(state: QueueState, move: QueueMove) {
        let rules = QueueRow.Rules(patience: .seconds(120), pairInterval: .seconds(6))
        var (row, lane) = Self.standing(state)
        _ = row.make(move, in: &lane, now: Self.now, rules: rules)
        #expect(lane.freeAt == nil)
    }

    /// Its journal may come back, and know more, for as long as the message is in doubt.
    @Test(arguments: [(QueueMove.free, true), (.enter, false), (.retry(after: .zero), false), (.giveBack, false)])
    func whoHeldItIsRememberedWhileItIsInDoubt(move: QueueMove, isRemembered: Bool) {
        var (row, lane) = Self.standing(.uncertain)
        row.heldBy = .init(name: "w", incarnation: 1)
        _ = row.make(move, in: &lane, now: Self.now, rules: Self.rules)
        #expect((row.heldBy != nil) == isRemembered)
    }

    /// A message that is held has it in the database.
    @Test func theTimeThatNeverComesIsReadAsItIsWritten() {
        #expect(Timestamp("\(Timestamp.distantFuture)") == .distantFuture)
    }

    /// A message in a state, and a lane in which it stands as it must: who has no place finds another head.
    private static func standing(
        _ state: QueueState,
        _ category: Shared.Category = .transactional
    ) -> (QueueRow, Lane) {
        var row = Self.row(state, category)
        var lane = Lane(key: row.laneKey)
        if !state.isHead { _ = lane.enter(.new()) }
        if state.hasPlace { row.place = lane.enter(row.key.id).place }
        return (row, lane)
    }

    private static func row(_ state: QueueState, _ category: Shared.Category) -> QueueRow {
        var row = QueueRow(
            key: MessageKey(orgID: .new(), id: .new()),
            accountID: .new(),
            channel: .sms,
            category: category,
            conversationID: .new(),
            expiresAt: nil,
            state: state,
            dueAt: Self.now
        )
        switch state {
        case .leased:
            row.lease = .init(
                worker: .init(name: "w", incarnation: 1),
                call: 1,
                leasedAt: Self.now,
                leaseUntil: Self.now + .seconds(60)
            )
        case .uncertain, .held: row.holdUntil = Self.now + .seconds(120)
        case .scheduled, .waiting, .ready: break
        }
        return row
    }

    private static func expected(_ state: QueueState, _ move: String) -> String? {
        let rows = table.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        guard let column = rows.first?.firstIndex(of: move) else { return nil }
        return rows.first { $0.first == state.rawValue }?[column + 1]
    }
}
