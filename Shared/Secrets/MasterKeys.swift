package import Configuration
import Crypto
import Foundation
import Shared

/// The keys of an installation: the newest seals and makes, and all of them open and recognise.
///
/// Keys, under no scope:
/// - `master.key` (base64 of 32 bytes, required, secret): the newest.
/// - `master.key.previous` (such keys with commas between them, at most 16, default none, secret): those that only open and
///   recognise. What an earlier key made - links in mails, hashes of addresses - can not be made anew, so it stays here. Where
///   several replicas run, a new key stands here first, until each of them knows it.
package struct MasterKeys: Sendable {
    private static let mostPrevious = 16

    package let newest: MasterKey
    /// The newest first.
    let all: [MasterKey]

    package init(_ newest: MasterKey, previous: [MasterKey] = []) {
        self.newest = newest
        self.all = [newest] + previous
    }

    package init(reader: ConfigReader) async throws {
        let newest = try MasterKey(base64: try await reader.fetchRequiredString(forKey: "master.key", isSecret: true))
        let previous = try await reader.fetchString(forKey: "master.key.previous", isSecret: true) ?? ""
        try self.init(newest, previous: Self.keys(in: previous))
    }

    static func keys(in list: String) throws(ConfigFailure) -> [MasterKey] {
        let setting = "MASTER_KEY_PREVIOUS"
        var keys: [MasterKey] = []
        // Compose passes on an empty one where there is none.
        for text in list.isEmpty ? [] : list.split(separator: ",", omittingEmptySubsequences: false) {
            keys.append(try MasterKey(base64: text.filter { $0 != " " }, setting: setting))
        }
        guard keys.count <= Self.mostPrevious else {
            throw ConfigFailure(key: setting, reason: "has \(keys.count) keys; \(Self.mostPrevious) are enough")
        }
        return keys
    }

    /// For each key, the newest first, one that serves nothing but `purpose`.
    func derived(for purpose: String) -> [SymmetricKey] { self.all.map { $0.derived(for: purpose) } }
}
