package import InternalAPI
import Shared

/// What a journal tells of the life that wrote it.
package struct JournalReplay: Sendable, Equatable {
    /// Why a journal does not tell of everything that may have left.
    package enum Loss: String, Sendable, Equatable {
        /// There is none: nobody knows whether there was an earlier life.
        case absent
        /// A byte is not as it was written, other than by being cut off at the end.
        case damaged
        case otherVersion = "other-version"
        case otherBoot = "other-boot"
        case otherWorker = "other-worker"
    }

    /// Nil when each attempt that may have left is in it.
    package let loss: Loss?
    /// How attempts ended that messaging-service was not told about: true whatever else was lost.
    package let outcomes: [MessagingAPI.AttemptOutcome]
    /// Attempts that began, and whose end nobody knows.
    package let uncertain: [MessagingAPI.AttemptKey]

    package var condition: MessagingAPI.RecoveryRequest.Journal { self.loss == nil ? .intact : .lost }

    /// All that may have left, as it is kept.
    func attempts(at time: Timestamp) -> [MessagingAPI.KeptAttempt] {
        self.outcomes.map(MessagingAPI.KeptAttempt.init) + self.uncertain.map { .init(uncertain: $0, at: time) }
    }

    /// Reads a whole journal; no bytes are the same as no file.
    ///
    /// A process that dies leaves the beginning of what it was writing: a record that is cut off at the end never took
    /// effect, and is no loss. Behind other damage it looks for whole records byte by byte. It finds none that were never
    /// written: the only foreign bytes in a journal are a provider's words, and JSON writes no zero bytes, which
    /// each length has.
    package init(of bytes: [UInt8], owner: JournalOwner) {
        var loss: Loss? = bytes.isEmpty ? .absent : nil
        var attempts = OutstandingAttempts()
        var hasHeader = false
        var position = 0
        var isAtEnd = bytes.isEmpty
        while !isAtEnd {
            switch JournalFrame.read(bytes, at: position) {
            case .whole(let content, let end):
                let record = JournalRecord(content)
                if let found = Self.loss(of: record, hasHeader: &hasHeader, owner: owner) { loss = loss ?? found }
                if let record { attempts.apply(record) }
                position = end
            case .damaged:
                loss = loss ?? .damaged
                position += 1
            case .cut:
                if !hasHeader { loss = loss ?? .damaged }
                isAtEnd = true
            }
            isAtEnd = isAtEnd || position == bytes.count
        }
        self.loss = loss
        self.outcomes = attempts.outcomes
        self.uncertain = attempts.uncertain
    }

    /// What is wrong with one record in its place: the header is the first, and no other is one.
    private static func loss(of record: JournalRecord?, hasHeader: inout Bool, owner: JournalOwner) -> Loss? {
        defer { hasHeader = true }
        switch record {
        case .header(let written) where !hasHeader:
            // A boot without a name is no boot that could be recognized.
            guard written.bootID == owner.bootID, !owner.bootID.isEmpty else { return .otherBoot }
            return written.worker == owner.worker ? nil : .otherWorker
        case .unknownHeader where !hasHeader: return .otherVersion
        case .intent, .outcome, .done: return hasHeader ? nil : .damaged
        case .header, .unknownHeader, nil: return .damaged
        }
    }
}
