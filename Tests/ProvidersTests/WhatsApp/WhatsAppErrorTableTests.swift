import Providers
import Shared
import Testing

struct WhatsAppErrorTableTests {
    @Test func `every code has the class of the documented table`() throws {
        for (name, codes) in try Fixture.errorClasses("whatsapp/error-classes.json") {
            #expect(codes.isEmpty == (name == .uncertain))
            for code in codes {
                #expect(WhatsAppErrorTable.verdict(code)?.failureClass == name, "code \(code)")
            }
        }
    }

    @Test func `a code that is not in the table is final when reported, and open when answered`() {
        #expect(WhatsAppErrorTable.verdict(987_654) == nil)
        #expect(WhatsAppErrorTable.reported(987_654) == .permanent)
    }

    @Test func `only the pair limit is about the recipient`() {
        #expect(WhatsAppErrorTable.verdict(131056) == .throttled(.recipient, retryAfter: .seconds(6)))
        #expect(WhatsAppErrorTable.verdict(130429) == .throttled(.account, retryAfter: nil))
    }
}
