import Foundation
import Secrets
import Shared
import Testing

@Suite struct UnsubscribeTokensTests {
    private let tokens: UnsubscribeTokens

    init() throws {
        self.tokens = UnsubscribeTokens(masterKeys: MasterKeys(try Self.key(7)))
    }

    private static func key(_ byte: UInt8) throws -> MasterKey {
        try MasterKey(base64: Data(repeating: byte, count: 32).base64EncodedString())
    }

    private static func link(_ address: String) -> UnsubscribeLink {
        UnsubscribeLink(
            orgID: .new(),
            accountID: .new(),
            provider: .smtp,
            messageID: .new(),
            channel: .email,
            address: address
        )
    }

    @Test(arguments: ["ann@example.com", "a@b.c", String(repeating: "x", count: 320), "with space", "😀"])
    func whatIsMadeIsReadAgain(address: String) {
        let link = Self.link(address)
        let token = self.tokens.token(of: link)
        #expect(self.tokens.link(in: token) == link)
        #expect(self.tokens.token(of: link) == token)
        #expect(
            token.utf8.allSatisfy {
                $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") || ($0 & 0x40 != 0) || $0 >= 0x30
            }
        )
        // With the address of the gateway it is one line of a header.
        #expect(token.utf8.count <= 600)
    }

    @Test func noOtherTokenIsOurs() throws {
        let token = self.tokens.token(of: Self.link("ann@example.com"))
        let bytes = Array(token.utf8)
        for index in bytes.indices {
            var changed = bytes
            // Another of the 64 characters, in the upper bits that no decoder ignores.
            changed[index] = bytes[index] == UInt8(ascii: "w") ? UInt8(ascii: "A") : UInt8(ascii: "w")
            #expect(self.tokens.link(in: String(decoding: changed, as: UTF8.self)) == nil, "\(index)")
        }
        for other in [
            "", "a", String(token.dropLast()), token + "A", token + "=", String(repeating: "A", count: 10_000),
        ] {
            #expect(self.tokens.link(in: other) == nil)
        }
        #expect(UnsubscribeTokens(masterKeys: MasterKeys(try Self.key(8))).link(in: token) == nil)
    }
}
