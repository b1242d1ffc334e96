import Foundation
import Secrets
import Shared
import Testing

@testable import InboundGateway

@Suite struct AddressFinderTests {
    private let finder: AddressFinder

    init() throws {
        let orgID = OrgID.new()
        let key = try MasterKey(base64: Data(repeating: 1, count: 32).base64EncodedString())
        let marks = AddressMarks(masterKeys: MasterKeys(key))
        let wanted = ["+14155550100", "Ann.Lee@example.com", "US.13491208655302741918"].map { marks($0, of: orgID) }
        self.finder = AddressFinder(wanted, marks: marks, of: orgID)
    }

    @Test(arguments: [
        ("+14155550100", true), ("14155550100", true), ("whatsapp:+14155550100", true), ("+14155550101", false),
        ("4155550100", false), ("Ann.Lee@example.com", true), ("Ann.Lee@EXAMPLE.com", true),
        ("Ann Lee <Ann.Lee@example.com>", true), ("\"Lee, Ann\" <Ann.Lee@example.com>", true),
        ("ann.lee@example.com.org", false), ("US.13491208655302741918", true), ("", false),
        ("Call me: +14155550100", false), (String(repeating: "1", count: 400), false),
    ])
    func anAddressIsFoundInTheFormsOfProviders(text: String, isTheirs: Bool) {
        #expect(self.finder.isTheirs(text) == isTheirs)
    }

    /// What is left of a body; null where nothing is.
    @Test(arguments: [
        (#"[{"from":"14155550100","text":"a"},{"from":"2","text":"b"}]"#, #"[{"from":"2","text":"b"}]"#),
        (#"{"a":[{"m":[{"from":"14155550100"}]},{"m":[{"from":"3"}]}]}"#, #"{"a":[{"m":[]},{"m":[{"from":"3"}]}]}"#),
        // A contact card that somebody else sent.
        (
            #"[{"from":"2","contacts":[{"phones":[{"wa_id":"14155550100"}]}]}]"#,
            #"[{"from":"2","contacts":[{"phones":[]}]}]"#
        ),
        (#"{"from":"+14155550100","text":"a"}"#, "null"), (#"{"to":["+14155550100"],"text":"a"}"#, "null"),
        (#"{"from":14155550100}"#, "null"), (#"{"sender":{"phone":"14155550100"},"text":"a"}"#, "null"),
        (#"[{"email":"Ann.Lee@example.com","event":"open"}]"#, "[]"), (#"{"from":"2"}"#, #"{"from":"2"}"#),
    ])
    func ofAListThoseGoThatNameThem(body: String, left: String) throws {
        let rest = self.finder.left(of: try JSONValue(parsing: Array(body.utf8)))
        #expect((rest ?? .null).text == left)
    }
}
