import InternalAPI
import Shared

/// The queue of messaging-service, over HTTP and as one worker.
struct MessagingQueue: DeliveryQueue {
    let messaging: MessagingAPI
    let worker: MessagingAPI.WorkerIdentity

    func lease(slots: Int, wait: Duration) async throws -> MessagingAPI.LeaseAnswer {
        try await self.messaging.lease(
            .init(worker: self.worker, slots: slots, waitMilliseconds: Int(wait.milliseconds))
        )
    }

    func report(_ outcomes: [MessagingAPI.AttemptOutcome]) async throws {
        try await self.messaging.report(outcomes, by: self.worker)
    }

    func apply(_ reports: [MessagingAPI.AccountReport]) async throws {
        _ = try await self.messaging.apply(reports)
    }

    func heartbeat() async throws {
        try await self.messaging.heartbeat(self.worker)
    }
}
