import InternalAPI
import MessagingService
import Shared
import Testing

@Suite struct QueueBatchTests {
    private static let now = Timestamp(microseconds: 1_000_000_000)
    private static let rules = QueueRow.Rules(patience: .seconds(120), pairInterval: .zero)

    private let orgID = OrgID.new()
    private let conversationID = ConversationID.new()
    private let accountID = AccountID.new()

    @Test func aNewMessageEntersALaneThatDidNotExist() {
        let row = self.row()
        var batch = QueueBatch(rows: [:], lanes: [:])
        #expect(self.make(.enter, row, in: &batch) == .none)
        #expect(batch[row.key]?.state == .ready)
        #expect(batch.lanes[row.laneKey]?.head == row.key.id)
        #expect(batch.changedRows == [row.key])
        #expect(batch.changedLanes == [row.laneKey])
        #expect(batch.removedRows.isEmpty)
    }

    @Test func whatIsNotInTheQueueCanNotBeRemovedFromIt() {
        let row = self.row()
        var batch = QueueBatch(rows: [:], lanes: [:])
        #expect(self.make(.remove, row, in: &batch) == .none)
        #expect(batch[row.key] == nil)
        #expect(batch.changedRows.isEmpty && batch.removedRows.isEmpty && batch.changedLanes.isEmpty)
    }

    @Test func theLaneOfAHeadThatIsRemovedIsLeaderless() {
        let (head, next) = (self.row(), self.row())
        var batch = self.batch(of: [head, next])
        _ = self.make(.remove, head, in: &batch)
        #expect(batch.leaderless == [head.laneKey])
        #expect(batch.removedRows == [head.key])
        #expect(batch[head.key] == nil)
        #expect(batch[next.key]?.state == .waiting)
    }

    @Test func whatChangesAndIsRemovedThenIsRemovedOnly() {
        let (head, next) = (self.row(), self.row())
        var batch = self.batch(of: [head, next])
        _ = self.make(.retry(after: .seconds(1)), head, in: &batch)
        #expect(batch.changedRows == [head.key])
        _ = self.make(.remove, head, in: &batch)
        #expect(batch.changedRows.isEmpty)
        #expect(batch.removedRows == [head.key])
    }

    @Test func aLaneThatIsLeftByAllIsNotLeaderless() {
        let (head, next) = (self.row(), self.row())
        var batch = self.batch(of: [head, next])
        for row in [head, next] { _ = self.make(.remove, row, in: &batch) }
        #expect(batch.leaderless.isEmpty)
        #expect(batch.lanes[head.laneKey]?.waiting == 0)
    }

    @Test func aMoveWithinThePlaceLeavesTheLaneAlone() {
        let head = self.row()
        var batch = self.batch(of: [head])
        _ = self.make(.stay(after: .seconds(1)), head, in: &batch)
        #expect(batch.changedLanes.isEmpty)
        #expect(batch.changedRows == [head.key])
    }

    @Test func givingUpThePlaceIsSaid() {
        let (head, next) = (self.row(), self.row())
        var batch = self.batch(of: [head, next])
        #expect(self.make(.retry(after: .seconds(3600)), head, in: &batch) == .steppedAside)
        #expect(batch.leaderless == [head.laneKey])
    }

    @Test func theAccountsOfClaimableRowsAreDue() {
        let (due, later, code) = (self.row(), self.row(.transactional, .new()), self.row(.otp))
        var batch = QueueBatch(rows: [:], lanes: [:])
        _ = self.make(.enter, due, in: &batch)
        _ = self.make(.enter, later, in: &batch)
        _ = self.make(.stay(after: .seconds(1)), later, in: &batch)
        #expect(batch.due { _ in Self.now } == [DueAccount(due.account, .ordinary)])
        _ = self.make(.enter, code, in: &batch)
        #expect(
            Set(batch.due { _ in Self.now }) == [DueAccount(due.account, .ordinary), DueAccount(due.account, .otp)]
        )
        // By the clock of its organization.
        #expect(batch.due { _ in Self.now + .seconds(1) }.count == 3)
    }

    /// What was only locked was passed over by claims meanwhile.
    @Test func whatDidNotChangeIsDueToo() {
        let row = self.row()
        let batch = self.batch(of: [row])
        #expect(batch.changedRows.isEmpty)
        #expect(batch.due { _ in Self.now } == [DueAccount(row.account, .ordinary)])
    }

    @Test func whoWaitsIsNotDue() {
        let (head, next) = (self.row(), self.row())
        var batch = QueueBatch(rows: [:], lanes: [:])
        for row in [head, next] { _ = self.make(.enter, row, in: &batch) }
        #expect(batch.due { _ in Self.now }.count == 1)
    }

    /// Silence counts a crash and remembers whose it was; what the worker's next life says is no other crash.
    @Test func aCrashIsCountedOnce() {
        let row = self.row()
        var batch = self.batch(of: [row])
        let leased = self.leased(batch[row.key])
        _ = self.make(.hold(until: Self.now, nextCheck: Self.now), row, in: &batch)
        batch.note(.counted, of: row.key, before: leased)
        #expect(batch[row.key]?.crashes == 1)
        #expect(batch[row.key]?.heldBy == leased?.lease?.worker)
        let before = batch[row.key]
        _ = self.make(.giveBack, row, in: &batch)
        batch.note(.recovered(mayHaveBegun: false), of: row.key, before: before)
        #expect(batch[row.key]?.crashes == 1)
        #expect(batch[row.key]?.heldBy == nil)
    }

    /// A message does its harm when it is sent: so this counts for more than being held beside others.
    @Test(arguments: [(mayHaveBegun: false, weight: 1), (mayHaveBegun: true, weight: 3)])
    func aCrashThatOnlyTheNextLifeTellsOfCountsToo(mayHaveBegun: Bool, weight: Int) {
        let row = self.row()
        var batch = self.batch(of: [row])
        let leased = self.leased(batch[row.key])
        _ = self.make(mayHaveBegun ? .hold(until: Self.now, nextCheck: Self.now) : .giveBack, row, in: &batch)
        for isRepeated in [false, true] {
            let before = isRepeated ? batch[row.key] : leased
            batch.note(.recovered(mayHaveBegun: mayHaveBegun), of: row.key, before: before)
            #expect(batch[row.key]?.crashes == weight)
            #expect(batch[row.key]?.heldBy == nil)
        }
    }

    /// Silence did not know that it had begun; to say so twice adds nothing.
    @Test func whatSilenceDidNotKnowIsAdded() {
        let row = self.row()
        var batch = self.batch(of: [row])
        let leased = self.leased(batch[row.key])
        _ = self.make(.hold(until: Self.now, nextCheck: Self.now), row, in: &batch)
        batch.note(.counted, of: row.key, before: leased)
        for _ in 0..<2 {
            batch.note(.recovered(mayHaveBegun: true), of: row.key, before: batch[row.key])
            #expect(batch[row.key]?.crashes == 3)
        }
    }

    @Test func anAttemptThatCameToAnEndForgetsAllCrashes() {
        let row = self.row()
        var batch = self.batch(of: [row])
        for _ in 0..<2 { batch.note(.counted, of: row.key, before: self.leased(batch[row.key])) }
        #expect(batch[row.key]?.crashes == 2)
        batch.note(.forgotten, of: row.key, before: batch[row.key])
        #expect(batch[row.key]?.crashes == 0)
        #expect(batch.changedRows == [row.key])
    }

    @Test func thereIsNothingToNoteOfWhatIsNotThereOrDoesNotChange() {
        let row = self.row()
        var batch = self.batch(of: [row])
        batch.note(.counted, of: MessageKey(orgID: self.orgID, id: .new()), before: nil)
        batch.note(.forgotten, of: row.key, before: row)
        batch.note(.none, of: row.key, before: row)
        #expect(batch.changedRows.isEmpty)
    }

    /// The same row in a worker's hands.
    private func leased(_ row: QueueRow?) -> QueueRow? {
        var row = row
        row?.state = .leased
        row?.lease = .init(
            worker: .init(name: "w", incarnation: 1),
            call: 1,
            leasedAt: Self.now,
            leaseUntil: Self.now + .seconds(60)
        )
        return row
    }

    private func make(_ move: QueueMove, _ row: QueueRow, in batch: inout QueueBatch) -> QueueRow.Effect {
        batch.make(move, with: row.key, orNew: row, now: Self.now, rules: Self.rules)
    }

    /// Rows that entered their lane before.
    private func batch(of rows: [QueueRow]) -> QueueBatch {
        var batch = QueueBatch(rows: [:], lanes: [:])
        for row in rows { _ = self.make(.enter, row, in: &batch) }
        return QueueBatch(rows: batch.rows, lanes: batch.lanes)
    }

    /// A message of the conversation, or of another one.
    private func row(
        _ category: Shared.Category = .transactional,
        _ conversationID: ConversationID? = nil
    ) -> QueueRow {
        QueueRow(
            key: MessageKey(orgID: self.orgID, id: .new()),
            accountID: self.accountID,
            channel: .sms,
            category: category,
            conversationID: conversationID ?? self.conversationID,
            expiresAt: nil,
            state: .scheduled,
            dueAt: Self.now
        )
    }
}
