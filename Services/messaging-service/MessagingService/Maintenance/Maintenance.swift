import Logging
import ServiceLifecycle

/// What is done again and again beside the requests: each second ended leases, each 5 s unmatched reports, each 30 s lanes,
/// each hour old rows.
struct Maintenance: Service {
    static let interval: Duration = .seconds(1)
    static let roundsPerReaping = 3600
    static let roundsPerMatching = 5
    static let roundsPerMending = 30

    let endLeases: EndLeases
    let mendLanes: MendLanes
    let matchReports: MatchReports
    let reapOldRows: ReapOldRows
    let clock: any Clock<Duration>
    let logger: Logger
    private let metrics = BackgroundMetrics()

    init(
        endLeases: EndLeases,
        mendLanes: MendLanes,
        matchReports: MatchReports,
        reapOldRows: ReapOldRows,
        clock: any Clock<Duration>,
        logger: Logger
    ) {
        self.endLeases = endLeases
        self.mendLanes = mendLanes
        self.matchReports = matchReports
        self.reapOldRows = reapOldRows
        self.clock = clock
        self.logger = logger
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var round = 0
            while !Task.isCancelled {
                await self.attempt("leases") {
                    let count = try await self.endLeases()
                    self.metrics.endedLeases(count)
                    if count > 0 { self.logger.warning("leases ended", metadata: ["messages.count": "\(count)"]) }
                }
                if round % Self.roundsPerMatching == 0 {
                    // Since a long time now and then, and at the start: a process may have ended before it looked.
                    let span = round % Self.roundsPerReaping == 0 ? MatchReports.longest : MatchReports.recent
                    await self.attempt("unmatched reports") { try await self.matchReports(of: span) }
                }
                if round % Self.roundsPerMending == 0 {
                    await self.attempt("lanes") {
                        let count = try await self.mendLanes()
                        self.metrics.mendedLanes(count)
                        // Never, unless the engine has a fault: then it must be seen.
                        if count > 0 { self.logger.error("lanes mended", metadata: ["lanes.count": "\(count)"]) }
                    }
                }
                if round % Self.roundsPerReaping == 0 {
                    for rows in ReapOldRows.Rows.allCases {
                        await self.attempt(rows.rawValue) { try await self.reapOldRows(rows) }
                    }
                }
                round += 1
                try? await self.clock.sleep(for: Self.interval)
            }
        }
    }

    /// A failure is logged, and tried again in the next round: most of them are a database that is away.
    private func attempt(_ what: String, _ work: () async throws -> Void) async {
        do {
            try await work()
        } catch {
            self.metrics.failed(what, error)
            self.logger.warning("maintenance failed", metadata: ["maintenance.of": "\(what)", "error": "\(error)"])
        }
    }
}
