package import Foundation
package import Shared

extension MessagingAPI {
    /// What a worker remembers of the database whose work it does, in a file beside its journal.
    package struct Memory: Codable, Sendable, Equatable {
        /// Nil at the very first start.
        package let epoch: UUID?
        /// The greatest count of its own heartbeats that was answered: a database that counts fewer has gone back in time.
        package let beats: Int64

        package init(epoch: UUID?, beats: Int64) {
            self.epoch = epoch
            self.beats = beats
        }
    }

    /// The database as it is now.
    package struct Standing: Codable, Sendable, Equatable {
        /// Another one after each restore.
        package let epoch: UUID
        /// Heartbeats of the worker that it counted so far.
        package let beats: Int64
        /// Nothing is sent until a restore is reconciled.
        package let isFenced: Bool
        /// What was sent since then may be missing from it, if it was ever restored.
        package let restoredTo: Timestamp?

        package init(epoch: UUID, beats: Int64, isFenced: Bool, restoredTo: Timestamp?) {
            self.epoch = epoch
            self.beats = beats
            self.isFenced = isFenced
            self.restoredTo = restoredTo
        }
    }

    /// Says that the worker lives; a messaging-service of the release before reads the identity alone.
    package struct HeartbeatRequest: Codable, Sendable {
        package let name: String
        package let incarnation: Int64
        package let memory: Memory?
        /// How many checks of credentials it can begin; nil of a worker of the release before, which can not.
        package let checks: Int?

        package init(_ worker: WorkerIdentity, memory: Memory?, checks: Int? = nil) {
            self.name = worker.name
            self.incarnation = worker.incarnation
            self.memory = memory
            self.checks = checks
        }

        package var worker: WorkerIdentity { WorkerIdentity(name: self.name, incarnation: self.incarnation) }
    }

    /// An attempt as a worker keeps it for a restore: no content, no address, no word of a provider.
    package struct KeptAttempt: Codable, Sendable, Equatable {
        package enum End: String, Codable, Sendable, CaseIterable {
            case accepted, throttled, failed, rejected, blocked, uncertain
        }

        package let key: AttemptKey
        package let startedAt: Timestamp
        package let endedAt: Timestamp
        package let end: End

        package init(key: AttemptKey, startedAt: Timestamp, endedAt: Timestamp, end: End) {
            self.key = key
            self.startedAt = startedAt
            self.endedAt = endedAt
            self.end = end
        }
    }

    /// What a worker did, told anew to a database that may have forgotten it: in parts, of which the last takes the epoch over.
    package struct ReplayRequest: Codable, Sendable {
        package let worker: WorkerIdentity
        package let epoch: UUID
        /// From then on every attempt that may have left is in it; nil when there is nothing to rely on.
        package let coversSince: Timestamp?
        /// Counted from 0; repeating all of them changes nothing.
        package let part: Int
        package let isLast: Bool
        /// At most 1,000.
        package let attempts: [KeptAttempt]

        package init(
            worker: WorkerIdentity,
            epoch: UUID,
            coversSince: Timestamp?,
            part: Int,
            isLast: Bool,
            attempts: [KeptAttempt]
        ) {
            self.worker = worker
            self.epoch = epoch
            self.coversSince = coversSince
            self.part = part
            self.isLast = isLast
            self.attempts = attempts
        }
    }
}
