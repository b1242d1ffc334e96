import Foundation
import Secrets
import Shared
import Testing

@Suite struct SecretBoxTests {
    private let box: SecretBox
    private let place = SecretBox.Place(orgID: .new(), column: "channel_accounts.credentials", row: "1")

    init() throws {
        self.box = SecretBox(masterKeys: try Self.keys(7))
    }

    /// The first of `bytes` makes the newest key.
    private static func keys(_ bytes: UInt8...) throws -> MasterKeys {
        let keys = try bytes.map { try MasterKey(base64: Data(repeating: $0, count: 32).base64EncodedString()) }
        return MasterKeys(keys[0], previous: Array(keys.dropFirst()))
    }

    @Test func whatIsSealedOpensInItsPlace() throws {
        let credentials = Credentials(["auth_token": "geheim ✓"])
        let sealed = try self.box.seal(credentials, at: self.place)
        #expect(try self.box.openCredentials(sealed, at: self.place) == credentials)
    }

    @Test func theSameSecretIsNeverSealedTheSame() throws {
        #expect(try self.box.seal(Array("a".utf8), at: self.place) != self.box.seal(Array("a".utf8), at: self.place))
    }

    @Test func aSecretDoesNotOpenInAnotherPlace() throws {
        let orgID = OrgID.new()
        let sealed = try self.box.seal(Array("a".utf8), at: .init(orgID: orgID, column: "t.c", row: "1"))
        for place in [
            SecretBox.Place(orgID: .new(), column: "t.c", row: "1"), .init(orgID: orgID, column: "t.d", row: "1"),
            .init(orgID: orgID, column: "t.c", row: "2"),
        ] {
            #expect(throws: SecretBox.Failure.notOurs) { try self.box.open(sealed, at: place) }
        }
    }

    @Test func anotherMasterKeyDoesNotOpenIt() throws {
        let sealed = try self.box.seal(Array("a".utf8), at: self.place)
        let other = SecretBox(masterKeys: try Self.keys(8))
        #expect(throws: SecretBox.Failure.notOurs) { try other.open(sealed, at: self.place) }
    }

    @Test func everyChangedByteIsNoticed() throws {
        let sealed = try self.box.seal(Array("secret".utf8), at: self.place)
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 1
            #expect(throws: SecretBox.Failure.notOurs) { try self.box.open(changed, at: self.place) }
        }
        #expect(throws: SecretBox.Failure.notOurs) { try self.box.open(sealed.dropLast(), at: self.place) }
        #expect(throws: SecretBox.Failure.notOurs) { try self.box.open([], at: self.place) }
    }

    @Test(arguments: ["", "short", "AAAA", Data(repeating: 1, count: 31).base64EncodedString()])
    func aMasterKeyHasThirtyTwoBytes(text: String) {
        #expect(throws: ConfigFailure.self) { try MasterKey(base64: text) }
    }

    @Test func printingShowsNothing() throws {
        let credentials = Credentials(["auth_token": "CANARY"])
        #expect(!"\(credentials)".contains("CANARY"))
        #expect(!String(reflecting: credentials).contains("CANARY"))
        #expect(!"\(["a": credentials])".contains("CANARY"))
    }
}
