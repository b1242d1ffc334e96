import Configuration
import Foundation
import Secrets
import Shared
import TestSupport
import Testing

/// What becomes of what an earlier master key made.
@Suite struct MasterKeysTests {
    private static let orgID = OrgID.new()
    private static let place = SecretBox.Place(orgID: orgID, column: "t.c", row: "1")

    private static func base64(_ byte: UInt8) -> String { Data(repeating: byte, count: 32).base64EncodedString() }

    /// The first of `bytes` makes the newest key.
    private static func keys(_ bytes: UInt8...) throws -> MasterKeys {
        let keys = try bytes.map { try MasterKey(base64: self.base64($0)) }
        return MasterKeys(keys[0], previous: Array(keys.dropFirst()))
    }

    @Test func theNewestSealsAndAllOpen() throws {
        let (old, both, new) = (
            SecretBox(masterKeys: try Self.keys(1)), SecretBox(masterKeys: try Self.keys(2, 1)),
            SecretBox(masterKeys: try Self.keys(2))
        )
        let before = try old.seal(Array("a".utf8), at: Self.place)
        #expect(try both.open(before, at: Self.place) == Array("a".utf8))
        #expect(throws: SecretBox.Failure.notOurs) { try new.open(before, at: Self.place) }
        let after = try both.seal(Array("a".utf8), at: Self.place)
        #expect(try new.open(after, at: Self.place) == Array("a".utf8))
        #expect(throws: SecretBox.Failure.notOurs) { try old.open(after, at: Self.place) }
        #expect(after.starts(with: both.header) && !before.starts(with: both.header))
        // What stands there before its turn opens already: of two replicas one may be ahead.
        #expect(try SecretBox(masterKeys: try Self.keys(1, 2)).open(after, at: Self.place) == Array("a".utf8))
    }

    @Test func whatDoesNotOpenIsTemporaryAndSaysNothing() {
        let problem = SecretBox.Failure.notOurs.problem
        #expect(problem.status == 503)
        #expect(problem.detail == nil)
    }

    /// What a decoder says of a secret that is none may hold the secret.
    @Test func whatIsNoCredentialsIsNotQuoted() throws {
        let box = SecretBox(masterKeys: try Self.keys(1))
        let sealed = try box.seal(Array("CANARY".utf8), at: Self.place)
        #expect(throws: SecretBox.Failure.notOurs) { try box.openCredentials(sealed, at: Self.place) }
    }

    @Test func linksThatWereSentGoOnWorking() throws {
        let link = UnsubscribeLink(
            orgID: Self.orgID,
            accountID: .new(),
            provider: .smtp,
            messageID: .new(),
            channel: .email,
            address: "ann@example.com"
        )
        let token = UnsubscribeTokens(masterKeys: try Self.keys(1)).token(of: link)
        let both = UnsubscribeTokens(masterKeys: try Self.keys(2, 1))
        #expect(both.link(in: token) == link)
        #expect(both.token(of: link) == UnsubscribeTokens(masterKeys: try Self.keys(2)).token(of: link))
        #expect(UnsubscribeTokens(masterKeys: try Self.keys(2)).link(in: token) == nil)
    }

    @Test func addressesThatWereErasedAreRecognised() throws {
        let before = AddressMarks(masterKeys: try Self.keys(1))("+14155550100", of: Self.orgID)
        let both = AddressMarks(masterKeys: try Self.keys(2, 1))
        #expect(both.all(of: "+14155550100", Self.orgID) == [both("+14155550100", of: Self.orgID), before])
        #expect(both("+14155550100", of: Self.orgID) != before)
    }

    @Test func aRequestThatIsRepeatedIsTheSame() throws {
        let request: JSONValue = ["to": "+14155550100", "body": "Hello"]
        let before = Fingerprint(masterKeys: try Self.keys(1))(of: request)
        let after = Fingerprint(masterKeys: try Self.keys(2, 1))(of: request)
        #expect(after.bytes != before.bytes)
        #expect(after.matches(before.bytes) && after.matches(after.bytes))
        let other = Fingerprint(masterKeys: try Self.keys(2, 1))(of: ["to": "+14155550100", "body": "Bye"])
        #expect(!other.matches(before.bytes))
        // Of an installation that never changed its key nothing changes.
        #expect(Fingerprint(secret: Self.base64(1))(of: request) == before)
    }

    @Test(arguments: [
        ("", 0), (Self.base64(2), 1), ("\(Self.base64(2)),\(Self.base64(3))", 2),
        ("\(Self.base64(2)), \(Self.base64(3))", 2),
    ])
    func previousKeysAreAList(text: String, count: Int) async throws {
        let box = SecretBox(masterKeys: try await Self.read(text))
        #expect(box.hasOneKey == (count == 0))
        if count > 0 {
            let sealed = try SecretBox(masterKeys: try Self.keys(UInt8(count + 1))).seal([1], at: Self.place)
            #expect(try box.open(sealed, at: Self.place) == [1])
        }
    }

    @Test(arguments: [
        ",", "x", "\(Self.base64(2)),", String(repeating: "\(Self.base64(2)),", count: 16) + Self.base64(2),
    ])
    func whatIsNoListIsRefused(text: String) async {
        let failure = await #expect(throws: ConfigFailure.self) { try await Self.read(text) }
        #expect(failure?.key == "MASTER_KEY_PREVIOUS")
        #expect(failure.map { "\($0)".contains(Self.base64(2)) } == false)
    }

    @Test func aKeyShowsNothing() throws {
        let key = try MasterKey(base64: Self.base64(1))
        var dumped = ""
        dump(key, to: &dumped)
        for text in ["\(key)", String(reflecting: key), dumped] { #expect(!text.contains("01")) }
    }

    private static func read(_ previous: String) async throws -> MasterKeys {
        let values = ["master.key": Self.base64(1), "master.key.previous": previous]
        return try await MasterKeys(reader: .test(values))
    }
}
