import HTTPService
import Shared
import Testing

@Suite struct TimedCursorTests {
    enum Thing {}

    let orgID = OrgID.new()
    let cursor = TimedCursor<Thing>(after: Timestamp(microseconds: 1_796_108_400_123_456), .new())

    @Test(arguments: [0, 1, 1_796_108_400_123_456, Timestamp.distantFuture.microseconds])
    func itsTextReadsAsItself(microseconds: Int64) {
        let cursor = TimedCursor<Thing>(after: Timestamp(microseconds: microseconds), .new())
        #expect(TimedCursor(cursor.text(for: self.orgID), for: self.orgID) == cursor)
    }

    @Test func itIsOfOneOrganization() {
        #expect(TimedCursor<Thing>(self.cursor.text(for: self.orgID), for: .new()) == nil)
    }

    @Test func theTwoKindsOfCursorsAreNotMixedUp() {
        let byID = Cursor(after: self.cursor.id).text(for: self.orgID)
        #expect(TimedCursor<Thing>(byID, for: self.orgID) == nil)
        #expect(Cursor<Thing>(self.cursor.text(for: self.orgID), for: self.orgID) == nil)
        #expect(Cursor<Thing>(byID, for: self.orgID)?.id == self.cursor.id)
    }

    @Test func whatIsCutOffOrChangedIsNone() {
        let text = self.cursor.text(for: self.orgID)
        for length in 0..<text.count {
            #expect(TimedCursor<Thing>(String(text.prefix(length)), for: self.orgID) == nil)
        }
        for other in [text + "=", text + "A", "+" + text.dropFirst(), "ü" + text.dropFirst(2)] {
            #expect(TimedCursor<Thing>(other, for: self.orgID) == nil, "\(other)")
        }
        let before = TimedCursor<Thing>(after: Timestamp(microseconds: -1), .new()).text(for: self.orgID)
        #expect(TimedCursor<Thing>(before, for: self.orgID) == nil)
    }
}
