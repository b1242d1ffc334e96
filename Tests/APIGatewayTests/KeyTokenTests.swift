import APIGateway
import Shared
import Testing

@Suite struct KeyTokenTests {
    private static let token = KeyToken.make(.new(), mode: .live)

    @Test(arguments: KeyMode.allCases)
    func aMadeKeyHasThePublishedFormAndReadsBack(mode: KeyMode) throws {
        let token = KeyToken.make(.new(), mode: mode)
        #expect(token.text.wholeMatch(of: /hk_(live|test)_[0-9a-f]{32}_[0-9A-Za-z]{49}/) != nil)
        #expect(token.text.hasPrefix("hk_\(mode.rawValue)_"))
        #expect(KeyToken(token.text) == token)
    }

    @Test(arguments: 0..<Self.token.text.utf8.count)
    func noCharacterCanBeAnother(position: Int) {
        let original = Array(Self.token.text.utf8)
        for replacement in Array("09afAFzZ_-".utf8) where replacement != original[position] {
            var bytes = original
            bytes[position] = replacement
            #expect(KeyToken(String(decoding: bytes, as: UTF8.self)) == nil)
        }
    }

    @Test(arguments: [
        "", "hk_live_", "Bearer", String(Self.token.text.dropLast()), Self.token.text + "0", " " + Self.token.text,
        Self.token.text.uppercased(), String(repeating: "é", count: 45),
    ])
    func whatIsNoKeyIsNil(text: String) {
        #expect(KeyToken(text) == nil)
    }

    @Test func theChecksumIsCRC32() {
        // The check value of the algorithm's catalogue.
        #expect(CRC32.checksum(of: Array("123456789".utf8)) == 0xCBF4_3926)
    }

    @Test func secretsDiffer() {
        let id = APIKeyID.new()
        #expect(Set((0..<100).map { _ in KeyToken.make(id, mode: .live).text }).count == 100)
    }
}
