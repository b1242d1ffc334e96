import EventLoopTasks
import Foundation
import InternalAPI
import Logging
import Postgres
import ServiceLifecycle
import Shared

/// What moves messages: due work, leases, settlement, and what is done on its own.
struct Engine: Sendable {
    let due = DueWork()
    let notice = OutboxNotice(replica: UUID().uuidString)
    let recent = RecentVerdicts()
    let settle: SettleMessages
    let change: ChangeMessages
    let act: ActOnMessages
    let jobSignal = JobSignal()
    let broadcastSignal = JobSignal()
    let walk: WakeWalk
    let advanceClock: AdvanceClock
    let services: [any Service]
    private let logger: Logger

    init(_ core: Core, logger: Logger) {
        let (postgres, engine) = (core.postgres, core.enginePostgres)
        self.logger = logger
        self.settle = SettleMessages(
            postgres: postgres,
            due: self.due,
            holding: .init(hold: core.config.uncertainHold)
        )
        self.change = ChangeMessages(postgres: postgres, due: self.due, logger: logger)
        self.act = ActOnMessages(
            change: self.change,
            delete: DeleteMessages(postgres: postgres, due: self.due)
        )
        let sweep = SweepQueue(engine: engine, change: self.change)
        let sandbox = SweepSandbox(change: self.change)
        let probe = ProbeDueWork(
            engine: engine,
            due: self.due,
            sweep: sandbox,
            clock: EventLoopClock(),
            logger: logger
        )
        self.walk = WakeWalk(engine: engine, probe: probe)
        self.advanceClock = AdvanceClock(postgres: postgres, sweep: sandbox, due: self.due, clock: EventLoopClock())
        let (notice, due) = (self.notice, self.due)
        let replica = notice.replica
        self.services = [
            SampleQueue(
                engine: engine,
                namesOrganizations: core.config.metricsByOrg,
                logger: logger
            ),
            probe,
            WakeTimers(due: self.due, clock: EventLoopClock()),
            PlaceDueMessages(engine: engine, sweep: sweep, clock: EventLoopClock(), logger: logger),
            SweepService(sweep: sweep, clock: EventLoopClock(), logger: logger),
            PostgresListenerService(core.engineConfig, channels: [OutboxNotice.channel], logger: logger) { event in
                guard case .notification(let notification) = event else { return await probe.lookAtAll() }
                switch notice.heard(notification.payload) {
                case .own: break
                case .accounts(let accounts): due.add(accounts)
                case .something: await probe.lookAgain()
                case .everything: await probe.lookAtAll()
                }
            },
            Maintenance(
                endLeases: EndLeases(engine: engine, settle: self.settle),
                mendLanes: MendLanes(engine: engine, postgres: postgres, due: self.due),
                matchReports: MatchReports(engine: engine, postgres: postgres, due: self.due, settle: self.settle),
                reapOldRows: ReapOldRows(engine: engine),
                clock: EventLoopClock(),
                logger: logger
            ),
            ReleaseCounts(
                engine: engine,
                tell: { [customers = core.customers] in try await customers.release($0) },
                clock: EventLoopClock(),
                logger: logger
            ),
            TellBounces(
                engine: engine,
                postgres: postgres,
                tell: { [customers = core.customers] in try await customers.suppressBounced($0) },
                clock: EventLoopClock(),
                logger: logger
            ),
            RunJobs(
                engine: engine,
                postgres: postgres,
                act: self.act,
                wake: self.jobSignal,
                replica: replica,
                clock: EventLoopClock(),
                logger: logger
            ),
            RunBroadcasts(
                engine: engine,
                postgres: postgres,
                gather: GatherAudience(
                    postgres: postgres,
                    ask: { [customers = core.customers] in try await customers.audience($0) },
                    replica: replica
                ),
                expand: ExpandBroadcast(
                    postgres: postgres,
                    prepare: PrepareRecipients(
                        accounts: core.accounts,
                        calls: core.prepare.calls,
                        links: core.prepare.links
                    ),
                    due: self.due,
                    notice: self.notice,
                    replica: replica
                ),
                finish: FinishBroadcast(postgres: postgres, replica: replica),
                wakeMessages: WakeMessages(postgres: postgres),
                wake: self.broadcastSignal,
                clock: EventLoopClock(),
                logger: logger
            ),
            RetentionService(
                retainMessages: RetainMessages(
                    engine: engine,
                    postgres: postgres,
                    archive: core.config.archive,
                    clock: EventLoopClock(),
                    logger: logger
                ),
                clock: EventLoopClock(),
                logger: logger
            ),
        ]
    }

    func restoreRoutes(_ core: Core) -> RestoreRoutes {
        let startJob = StartJob(postgres: core.postgres, wake: self.jobSignal)
        return RestoreRoutes(
            reconcile: ReconcileRestore(
                engine: core.enginePostgres,
                postgres: core.postgres,
                settle: self.settle,
                changeBroadcast: ChangeBroadcast(
                    postgres: core.postgres,
                    startJob: startJob,
                    wake: self.broadcastSignal
                ),
                walk: self.walk,
                logger: self.logger
            ),
            postgres: core.postgres
        )
    }

    func routes(_ core: Core) -> DeliveryRoutes {
        DeliveryRoutes(
            leaseMessages: LeaseMessages(
                postgres: core.postgres,
                engine: core.enginePostgres,
                due: self.due,
                settle: self.settle,
                secrets: core.secrets,
                policy: { [customers = core.customers] in try await customers.checkPolicy($0) },
                recent: self.recent,
                links: core.prepare.links,
                leaseTime: core.config.leaseTime,
                logger: self.logger
            ),
            settleMessages: self.settle,
            applyReports: ApplyReports(postgres: core.postgres, due: self.due, settle: self.settle),
            lookUpFindings: LookUpFindings(postgres: core.postgres, settle: self.settle),
            recoverWorker: RecoverWorker(engine: core.enginePostgres, postgres: core.postgres, settle: self.settle),
            replayJournal: ReplayJournal(postgres: core.postgres, settle: self.settle),
            findWebhookAccount: FindWebhookAccount(postgres: core.postgres, secrets: core.secrets),
            takeChecks: TakeChecks(
                engine: core.enginePostgres,
                postgres: core.postgres,
                secrets: core.secrets,
                logger: self.logger
            ),
            postgres: core.postgres
        )
    }
}
