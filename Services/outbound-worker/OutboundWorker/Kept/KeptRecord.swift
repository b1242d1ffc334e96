import Foundation
import InternalAPI
import Shared

/// One entry of the log of what left, framed as the journal's are.
enum KeptRecord: Sendable, Equatable {
    /// A change of what follows is another number.
    static let version: UInt16 = 1

    struct Header: Sendable, Equatable {
        let startedAt: Timestamp
        /// When the file before this one began, if no attempt is missing between both.
        let follows: Timestamp?
        let worker: String
    }

    case header(Header)
    case attempt(MessagingAPI.KeptAttempt)
    /// Everything before it is on the disk, and nothing was on its way: not even a lost machine loses more.
    case closed

    private enum Kind: UInt8 {
        case header = 1
        case attempt, closed
    }

    func frame() -> [UInt8] {
        var bytes: [UInt8] = []
        switch self {
        case .header(let header):
            bytes.append(Kind.header.rawValue)
            bytes.append(Self.version)
            bytes.append(header.startedAt.microseconds)
            bytes.append(header.follows?.microseconds ?? 0)
            bytes.append(header.worker)
        case .attempt(let attempt):
            bytes.append(Kind.attempt.rawValue)
            bytes.append(attempt.key.orgID)
            bytes.append(attempt.key.reference.messageID)
            bytes.append(Int64(attempt.key.reference.number))
            bytes.append(attempt.startedAt.microseconds)
            bytes.append(attempt.endedAt.microseconds)
            bytes.append(attempt.end.byte)
        case .closed:
            bytes.append(Kind.closed.rawValue)
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
            guard rest.integer(UInt16.self) == Self.version, let startedAt = rest.integer(Int64.self),
                let follows = rest.integer(Int64.self), let worker = rest.text()
            else { return nil }
            self = .header(
                Header(
                    startedAt: Timestamp(microseconds: startedAt),
                    follows: follows == 0 ? nil : Timestamp(microseconds: follows),
                    worker: worker
                )
            )
        case .attempt:
            guard let orgID = rest.id(Organization.self), let messageID = rest.id(Message.self),
                let number = rest.integer(Int64.self), let startedAt = rest.integer(Int64.self),
                let endedAt = rest.integer(Int64.self), let byte = rest.integer(UInt8.self),
                let end = MessagingAPI.KeptAttempt.End(byte: byte)
            else { return nil }
            self = .attempt(
                .init(
                    key: .init(
                        orgID: orgID,
                        reference: AttemptReference(messageID: messageID, number: Int(number))
                    ),
                    startedAt: Timestamp(microseconds: startedAt),
                    endedAt: Timestamp(microseconds: endedAt),
                    end: end
                )
            )
        case .closed:
            self = .closed
        }
    }
}

extension MessagingAPI.KeptAttempt.End {
    /// As it lies in the file; never to be changed.
    fileprivate var byte: UInt8 {
        switch self {
        case .accepted: 1
        case .throttled: 2
        case .failed: 3
        case .rejected: 4
        case .blocked: 5
        case .uncertain: 6
        }
    }

    fileprivate init?(byte: UInt8) {
        guard let end = Self.allCases.first(where: { $0.byte == byte }) else { return nil }
        self = end
    }

    init(_ outcome: SendOutcome) {
        self =
            switch outcome {
            case .accepted: .accepted
            case .throttled: .throttled
            case .failedTransiently: .failed
            case .rejected: .rejected
            case .accountBlocked: .blocked
            case .uncertain: .uncertain
            }
    }
}

extension MessagingAPI.KeptAttempt {
    init(_ outcome: MessagingAPI.AttemptOutcome) {
        self.init(
            key: outcome.key,
            startedAt: outcome.startedAt,
            endedAt: outcome.endedAt,
            end: .init(outcome.outcome)
        )
    }

    /// Of an attempt that began, and whose end nobody knows.
    init(uncertain key: MessagingAPI.AttemptKey, at time: Timestamp) {
        self.init(key: key, startedAt: time, endedAt: time, end: .uncertain)
    }
}
