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
        /// Not sealed by this master key, or not in this place, or changed since.
        case notOurs
    }

    private static let version: UInt8 = 1
    private static let headerBytes = 5

    private let masterKey: MasterKey

    package init(masterKey: MasterKey) {
        self.masterKey = masterKey
    }

    package func seal(_ secret: some Sequence<UInt8>, at place: Place) throws -> [UInt8] {
        let box = try AES.GCM.seal(Data(secret), using: self.masterKey.key, authenticating: place.associatedData)
        // `combined` is nil only for nonces of another length than the default.
        guard let combined = box.combined else { throw Failure.notOurs }
        return [Self.version] + self.masterKey.id + combined
    }

    package func open(_ sealed: some Collection<UInt8>, at place: Place) throws(Failure) -> [UInt8] {
        let header = Array(sealed.prefix(Self.headerBytes))
        guard header == [Self.version] + self.masterKey.id else { throw .notOurs }
        do {
            let box = try AES.GCM.SealedBox(combined: Data(sealed.dropFirst(Self.headerBytes)))
            return Array(try AES.GCM.open(box, using: self.masterKey.key, authenticating: place.associatedData))
        } catch {
            throw .notOurs
        }
    }
}

extension SecretBox {
    /// Seals the credentials of a channel account.
    package func seal(_ credentials: Credentials, at place: Place) throws -> [UInt8] {
        try self.seal(try JSONEncoder().encode(credentials), at: place)
    }

    package func openCredentials(_ sealed: some Collection<UInt8>, at place: Place) throws -> Credentials {
        try JSONDecoder().decode(Credentials.self, from: Data(try self.open(sealed, at: place)))
    }
}
