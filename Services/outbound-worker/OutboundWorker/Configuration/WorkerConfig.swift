import Foundation
import Logging
import Shared

/// How this worker works.
///
/// - `WORKER_SLOTS`: attempts it makes at once, 1 to 1,000; 256 unless told.
/// - `WORKER_PROVIDER_DEADLINE`: seconds a provider may take, 1 to 20; 20 unless told.
/// - `WORKER_STATE_DIR`: where workers of this host keep what must survive them; `.herald/worker` unless told.
/// - `WORKER_KEEP_DAYS`: how long is kept what left, for a restore; 1 to 90, at least as long as backups; 8 unless told.
/// - `WORKER_NAME`: what tells this host's workers from others', 1 to 90 characters; the host's name unless told.
/// - `OUTBOUND_WORKER_ENABLED`: with `false` it settles what the life before left, and takes no work.
struct WorkerConfig: Equatable {
    var slots: Int
    /// A stopping worker has 25 s: this, and what `SendAttempt.reportMargin` leaves for the outcomes.
    var providerDeadline: Duration
    var stateDirectory: String
    var keeping: Duration
    var host: String
    var activity: Activity

    enum Activity: Equatable {
        case working, idle
    }

    init(_ settings: inout Settings) {
        self.slots = settings.integer(
            "worker.slots",
            formerly: "outbound.worker.batch.size",
            in: 1...1000,
            default: 256
        )
        self.providerDeadline = .seconds(settings.integer("worker.provider.deadline", in: 1...20, default: 20))
        self.stateDirectory = settings.text("worker.state.dir") ?? ".herald/worker"
        self.keeping = .seconds(86_400 * settings.integer("worker.keep.days", in: 1...90, default: 8))
        self.host = settings.text("worker.name") ?? String(ProcessInfo.processInfo.hostName.prefix(90))
        self.activity = settings.boolean("outbound.worker.enabled", default: true) ? .working : .idle
        if !(1...90).contains(self.host.count) || self.host.contains(where: { $0.isWhitespace || $0.isNewline }) {
            settings.refuse("worker.name", "must have 1 to 90 characters and no spaces")
        }
        if settings.text("outbound.worker.poll.interval.ms") != nil {
            settings.logger.notice("OUTBOUND_WORKER_POLL_INTERVAL_MS has no effect: work arrives when it is due")
        }
    }
}
