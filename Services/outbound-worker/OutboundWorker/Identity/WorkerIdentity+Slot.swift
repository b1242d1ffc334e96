import Foundation
import InternalAPI
import Shared

extension MessagingAPI.WorkerIdentity {
    /// The identity of this start of the worker that holds `slot`: the same name after a restart, a greater incarnation.
    ///
    /// - Parameters:
    ///   - host: what tells this host's workers from others'; at most 90 characters.
    ///   - slot: what tells this worker from others of its host.
    ///   - startedAt: now, outside of tests.
    /// - Throws: `ConfigFailure` when the slot can not be written in.
    init(host: String, slot: WorkerSlot, startedAt: Timestamp = .now) throws(ConfigFailure) {
        self.init(name: Self.name(host: host, slot: slot), incarnation: try slot.takeIncarnation(at: startedAt))
    }

    /// What each start of the worker that holds `slot` is called.
    static func name(host: String, slot: WorkerSlot) -> String { "\(host)-\(slot.number)" }
}
