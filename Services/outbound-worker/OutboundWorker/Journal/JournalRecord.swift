import Foundation
package import InternalAPI
package import Shared

/// Whose journal it is, and since when: it tells of no other worker, and of no other boot of the machine.
package struct JournalOwner: Sendable, Equatable {
    /// The worker's name; its slot's folder may have been moved to another.
    package let worker: String
    /// What the kernel calls this boot: whatever was not on the disk when the machine stopped is missing from the file.
    package let bootID: String

    package init(worker: String, bootID: String) {
        self.worker = worker
        self.bootID = bootID
    }
}

/// One entry of the journal.
package enum JournalRecord: Sendable, Equatable {
    /// Names the format below: a change of it is another number, so that no version reads what another one meant.
    package static let version: UInt16 = 1

    /// The first record, and never another.
    case header(JournalOwner)
    /// The first record of a journal in a format that this program does not know.
    case unknownHeader(version: UInt16)
    /// The attempt is about to leave.
    case intent(MessagingAPI.AttemptKey, startedAt: Timestamp)
    /// The attempt ended like this.
    case outcome(MessagingAPI.AttemptOutcome)
    /// Nothing is to be told about the attempt any more.
    case done(MessagingAPI.AttemptKey)

    private enum Kind: UInt8 {
        case header = 1
        case intent, outcome, done
    }

    /// The record as it lies in the file.
    ///
    /// - Throws: when an outcome can not be written as JSON, which never happens with ours.
    package func frame() throws -> [UInt8] {
        var bytes: [UInt8] = []
        switch self {
        case .header(let owner):
            bytes.append(Kind.header.rawValue)
            bytes.append(Self.version)
            bytes.append(owner.bootID)
            bytes.append(owner.worker)
        case .unknownHeader(let version):
            bytes.append(Kind.header.rawValue)
            bytes.append(version)
        case .intent(let key, let startedAt):
            bytes.append(Kind.intent.rawValue)
            bytes.append(key)
            bytes.append(startedAt.microseconds)
        case .outcome(let outcome):
            bytes.append(Kind.outcome.rawValue)
            bytes += try InternalJSON.encode(outcome)
        case .done(let key):
            bytes.append(Kind.done.rawValue)
            bytes.append(key)
        }
        return JournalFrame.bytes(of: bytes)
    }

    /// Reads the content of a frame; nil for what no record of ours looks like.
    init?(_ bytes: ArraySlice<UInt8>) {
        var rest = JournalBytes(bytes)
        guard let kind = rest.integer(UInt8.self).flatMap(Kind.init(rawValue:)), let record = Self(kind, &rest),
            rest.isAtEnd
        else { return nil }
        self = record
    }

    private init?(_ kind: Kind, _ rest: inout JournalBytes) {
        switch kind {
        case .header:
            guard let version = rest.integer(UInt16.self) else { return nil }
            guard version == Self.version else {
                _ = rest.all()
                self = .unknownHeader(version: version)
                return
            }
            guard let bootID = rest.text(), let worker = rest.text() else { return nil }
            self = .header(JournalOwner(worker: worker, bootID: bootID))
        case .intent:
            guard let key = rest.key(), let startedAt = rest.integer(Int64.self) else { return nil }
            self = .intent(key, startedAt: Timestamp(microseconds: startedAt))
        case .outcome:
            let json = Data(rest.all())
            guard let outcome = try? InternalJSON.decode(MessagingAPI.AttemptOutcome.self, from: json) else {
                return nil
            }
            self = .outcome(outcome)
        case .done:
            guard let key = rest.key() else { return nil }
            self = .done(key)
        }
    }
}

extension [UInt8] {
    fileprivate mutating func append(_ key: MessagingAPI.AttemptKey) {
        self.append(key.orgID)
        self.append(key.reference.messageID)
        self.append(Int64(key.reference.number))
    }
}

extension JournalBytes {
    fileprivate mutating func key() -> MessagingAPI.AttemptKey? {
        guard let orgID = self.id(Organization.self), let messageID = self.id(Message.self),
            let number = self.integer(Int64.self), number > 0
        else { return nil }
        return .init(orgID: orgID, reference: AttemptReference(messageID: messageID, number: Int(number)))
    }
}
