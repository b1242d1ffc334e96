import Foundation
import Shared
import Testing

struct KeywordTests {
    private static let words: [(String, Keyword)] = [
        ("STOP", .stop), ("STOPALL", .stop), ("UNSUBSCRIBE", .stop), ("CANCEL", .stop), ("END", .stop), ("QUIT", .stop),
        ("REVOKE", .stop), ("OPTOUT", .stop), ("START", .start), ("YES", .start), ("UNSTOP", .start), ("HELP", .help),
        ("INFO", .help),
    ]

    @Test(arguments: words) func `each word is a keyword in every case`(_ word: String, _ keyword: Keyword) {
        for text in [word, word.lowercased(), word.capitalized, word.prefix(1).lowercased() + word.dropFirst()] {
            #expect(Keyword(wholeMessage: text) == keyword)
        }
    }

    @Test func `there are no other words`() {
        #expect(Set(Keyword.allCases.flatMap(\.words)) == Set(Self.words.map(\.0)))
    }

    @Test(arguments: [" stop", "stop ", "\tSTOP\r\n", "\n\n stop \n", "\u{A0}stop\u{2003}", "\u{3000}Stop\u{85}"])
    func `spaces around it do not count`(_ text: String) {
        #expect(Keyword(wholeMessage: text) == .stop)
    }

    @Test(arguments: [
        "", " ", "stop.", "stop!", "\"stop\"", "(stop)", "s top", "st\nop", "stop texting me", "please stop",
        "STOP STOP",
        "stop,", "stopp", "sto", "opt out", "opt-out", "stop all", "yes please", "yesterday", "infos", "ending", "0",
        "UNSUBSCRIBED", "stop\u{0}", "\u{0}stop",
    ])
    func `what is more or less than the word is none`(_ text: String) {
        #expect(Keyword(wholeMessage: text) == nil)
    }

    /// Letters whose capitals, or compatible forms, are those of a keyword; and marks that are not seen.
    @Test(arguments: [
        "ſtop", "ﬆop", "\u{FB05}op", "ınfo", "ınFO", "quıt", "İNFO", "i\u{307}nfo", "QUİT", "ＳＴＯＰ", "ｓｔｏｐ", "𝐒𝐓𝐎𝐏",
        "ⓢⓣⓞⓟ",
        "ѕтор", "STОP", "ΗΕLP", "st\u{301}op", "stop\u{301}", "stop\u{FE0F}", "stop\u{200B}", "\u{FEFF}stop",
        "st\u{AD}op",
        "yeß", "yeſ", "𐐞top", "ﬁ", "STOP\u{20E3}",
    ])
    func `other letters make no keyword`(_ text: String) {
        #expect(Keyword(wholeMessage: text) == nil)
    }

    @Test func `a book is no keyword`() {
        #expect(Keyword(wholeMessage: String(repeating: "stop ", count: 100_000)) == nil)
        #expect(Keyword(wholeMessage: String(repeating: " ", count: 1_000_000) + "stop") == .stop)
    }
}
