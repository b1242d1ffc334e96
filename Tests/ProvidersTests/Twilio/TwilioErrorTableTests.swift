import Providers
import Shared
import Testing

struct TwilioErrorTableTests {
    @Test func `every code has the class of the documented table`() throws {
        for (name, codes) in try Fixture.errorClasses("twilio/error-classes.json") {
            #expect(codes.isEmpty == (name == .uncertain))
            for code in codes {
                #expect(TwilioErrorTable.verdict(code)?.failureClass == name, "code \(code)")
            }
        }
    }

    @Test func `a code that is not in the table is final when reported, and open when answered`() {
        #expect(TwilioErrorTable.verdict(99_999) == nil)
        #expect(TwilioErrorTable.reported(99_999) == .permanent)
    }
}
