import Shared
import Testing

@testable import CustomerService

struct ProfileNameTests {
    @Test(arguments: [
        ("Ann Lee", "Ann Lee"), ("  Ann\u{A0} ", "Ann"), ("An\u{0}n\n\u{85}Lee\u{7F}", "AnnLee"), ("", nil),
        (" \t", nil),
        ("\u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467}", "\u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467}"),
        (String(repeating: "é", count: 200), String(repeating: "é", count: 200)),
        (String(repeating: "x", count: 201), String(repeating: "x", count: 200)),
        // 199 and a family of five code points: half a family is none.
        (
            String(repeating: "x", count: 199) + "\u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467}",
            String(repeating: "x", count: 199)
        ),
        // Spaces that the cut left at the end.
        (String(repeating: "x", count: 198) + "  yz", String(repeating: "x", count: 198)),
        ("a" + String(repeating: "\u{301}", count: 300), nil),
    ])
    func aNameIsWhatAPersonCanRead(name: String, read: String?) {
        #expect(ProfileName(name, seenAt: .epoch, eventKey: "1")?.text == read)
    }

    @Test func theEarliestComesFirstThenTheSmallestKeyThenTheSmallestText() {
        let names = [("b", 1, "2"), ("a", 2, "1"), ("a", 1, "3"), ("a", 1, "2")].map { text, second, key in
            ProfileName(text: text, seenAt: Inbound.time(second), eventKey: key)
        }
        let sorted = names.sorted { $0.precedes($1) }
        #expect(sorted.map { "\($0.text)\($0.eventKey)" } == ["a2", "b2", "a3", "a1"])
    }
}
