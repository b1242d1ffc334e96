import InternalAPI
import Logging
import Providers
import ServiceLifecycle
import Shared
import Synchronization

/// Asks providers whether credentials work, beside all other work: heartbeats bring the questions.
struct CheckCredentials: Service {
    /// Checks at once: people ask for them.
    static var limit: Int { 4 }
    /// What a provider may take: less than the 10 s that whoever asked waits.
    static var deadline: Duration { .seconds(8) }
    /// Tries of telling one answer; then messaging-service asks anew.
    static var tries: Int { 5 }

    let providers: ProviderRegistry
    let queue: any DeliveryQueue
    let clock: any MonotonicClock
    let logger: Logger
    private let questions = PendingBatch<MessagingAPI.CheckQuestion>()
    private let taken = TakenCount()

    init(providers: ProviderRegistry, queue: any DeliveryQueue, clock: any MonotonicClock, logger: Logger) {
        self.providers = providers
        self.queue = queue
        self.clock = clock
        self.logger = logger
    }

    /// How many more can begin.
    var free: Int { max(0, Self.limit - self.taken.value) }

    func begin(_ questions: [MessagingAPI.CheckQuestion]) {
        self.taken.add(questions.count)
        for question in questions { self.questions.add(question) }
    }

    func run() async {
        await withTaskCancellationOrGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                while let batch = await self.questions.next() {
                    for question in batch {
                        group.addTask {
                            await self.check(question)
                            self.taken.add(-1)
                        }
                    }
                }
            }
        } onCancelOrGracefulShutdown: {
            self.questions.finish()
        }
    }

    private func check(_ question: MessagingAPI.CheckQuestion) async {
        let account = question.account
        let check = await self.ask(account).redacted(by: account.credentials)
        self.logger.info(
            "credentials were checked",
            metadata: [
                "org.id": "\(question.orgID)", "account.id": "\(account.id)",
                "provider": "\(account.provider.rawValue)",
                "status": "\(check.status.rawValue)", "code": "\(check.code ?? "-")",
            ]
        )
        await self.tell(.init(orgID: question.orgID, accountID: account.id, id: question.id, check: check))
    }

    private func ask(_ account: MessagingAPI.LeasedAccount) async -> CredentialCheck {
        guard let provider = self.providers[checking: account.provider] else {
            let detail = "The provider `\(account.provider.rawValue)` can not be asked by this worker."
            return .unreachable(ProviderError(code: "no-check", detail: detail))
        }
        return await provider.check(account.credentials, before: self.clock.now + Self.deadline)
    }

    private func tell(_ finding: MessagingAPI.CheckFinding) async {
        var backoff = Backoff()
        while true {
            do {
                return try await self.queue.tell([finding])
            } catch {
                let pause = backoff.pause(jitter: .jitter)
                guard backoff.failures < Self.tries, (try? await self.clock.sleep(for: pause)) != nil else {
                    return self.logger.warning(
                        "check was not told",
                        metadata: ["account.id": "\(finding.accountID)", "error": "\(String(reflecting: error))"]
                    )
                }
            }
        }
    }
}

/// How many checks were taken and have not ended.
private final class TakenCount: Sendable {
    private let count = Atomic(0)

    var value: Int { self.count.load(ordering: .relaxed) }

    func add(_ difference: Int) { self.count.wrappingAdd(difference, ordering: .relaxed) }
}
