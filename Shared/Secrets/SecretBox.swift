import Crypto
import Foundation
package import Shared

/// Seals secrets with AES-256-GCM, bound to the place where they are stored.
///
/// Copied to another organization's row, or another column, a sealed secret does not open.
/// Layout: version (1 byte), key id (4), nonce (12), ciphertext, tag (16).
package struct SecretBox: Sendable {
    /// Where a secret is stored.
    package struct Place: Sendable, Hashable {
        let associatedData: Data

        /// - Parameters:
        ///   - orgID: whose secret it is.
        ///   - column: table and column, `channel_accounts.credentials`.
        ///   - row: the row's key within the organization.
        package init(orgID: OrgID, column: String, row: String) {
            self.associatedData = Data("\(orgID)|\(column)|\(row)".utf8)
        }
    }

    package enum Failure: Error, Equatable {
        /// Not sealed by one of the master keys, or not in this place, or changed since.
        case notOurs
    }

    private static let version: UInt8 = 1
    private static let headerBytes = 5

    private let masterKeys: MasterKeys

    package init(masterKeys: MasterKeys) {
        self.masterKeys = masterKeys
    }

    /// Whether nothing can be there that another key sealed, once it was looked for.
    package var hasOneKey: Bool { self.masterKeys.all.count == 1 }

    /// How everything begins that is sealed now; what begins in another way is to be sealed anew.
    package var header: [UInt8] { [Self.version] + self.masterKeys.newest.id }

    package func seal(_ secret: some Sequence<UInt8>, at place: Place) throws -> [UInt8] {
        let box = try AES.GCM.seal(
            Data(secret),
            using: self.masterKeys.newest.key,
            authenticating: place.associatedData
        )
        // `combined` is nil only for nonces of another length than the default.
        guard let combined = box.combined else { throw Failure.notOurs }
        return self.header + combined
    }

    package func open(_ sealed: some Collection<UInt8>, at place: Place) throws(Failure) -> [UInt8] {
        let header = Array(sealed.prefix(Self.headerBytes))
        for key in self.masterKeys.all where header == [Self.version] + key.id {
            if let box = try? AES.GCM.SealedBox(combined: Data(sealed.dropFirst(Self.headerBytes))),
                let secret = try? AES.GCM.open(box, using: key.key, authenticating: place.associatedData)
            {
                return Array(secret)
            }
        }
        throw .notOurs
    }
}

extension SecretBox {
    /// Seals the credentials of a channel account.
    package func seal(_ credentials: Credentials, at place: Place) throws -> [UInt8] {
        try self.seal(try JSONEncoder().encode(credentials), at: place)
    }

    /// - Throws: `Failure` alone: what a decoder says may quote what it could not read.
    package func openCredentials(
        _ sealed: some Collection<UInt8>,
        at place: Place
    ) throws(Failure) -> Credentials {
        let secret = Data(try self.open(sealed, at: place))
        guard let credentials = try? JSONDecoder().decode(Credentials.self, from: secret) else { throw .notOurs }
        return credentials
    }
}

extension SecretBox.Failure: ProblemConvertible {
    /// Ours to mend, by the right key; it may be another replica's that answers next.
    package var problem: Problem {
        Problem(code: "secret-sealed", status: 503, title: "A stored secret can not be opened at the moment.")
    }
}
