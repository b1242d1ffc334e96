import Foundation
import InternalAPI
import Logging
import Providers
import Shared
import TestSupport

@testable import OutboundWorker

/// A dispatcher between a queue and a provider that a test holds in its hands, with a journal that has begun.
struct Worker {
    let queue: TestQueue
    let provider: TestProvider
    let storage: MemoryJournal
    let journal: AttemptJournal
    let handOver: HandOver
    let dispatcher: Dispatcher

    init(
        slots: Int = 8,
        queue: TestQueue = TestQueue(),
        provider: TestProvider = TestProvider(),
        storage: MemoryJournal = MemoryJournal(),
        clock: any MonotonicClock = ContinuousClock()
    ) throws {
        self.queue = queue
        self.provider = provider
        self.storage = storage
        self.journal = AttemptJournal(storage: storage, owner: .test)
        try self.journal.begin()
        self.handOver = HandOver(queue: queue, worker: .test, clock: clock, logger: .quiet)
        self.dispatcher = Dispatcher(
            handOver: self.handOver,
            attempt: SendAttempt(
                providers: ProviderRegistry([provider]),
                journal: self.journal,
                fetchAttachments: FetchAttachments(queue: queue),
                deadline: .seconds(20),
                clock: clock,
                logger: .quiet
            ),
            slots: slots,
            readiness: Readiness(clock: clock)
        )
    }
}

extension MessagingAPI.WorkerIdentity {
    static let test = Self(name: "test-1", incarnation: 1)
}

extension MessagingAPI.LeasedAccount {
    static let test = Self(id: .new(), provider: .twilio, credentials: Credentials([:]))
    /// Its provider is in no test's registry.
    static let withoutProvider = Self(id: .new(), provider: .smtp, credentials: Credentials([:]))
}

extension MessagingAPI.Lease {
    /// A message of its own, by default with a minute to send it.
    static func test(
        account: AccountID = MessagingAPI.LeasedAccount.test.id,
        milliseconds: Int = 60_000,
        freshMilliseconds: Int = 60_000,
        isUrgent: Bool? = nil,
        isSuspect: Bool = false,
        attachments: [Attachment]? = nil
    ) -> Self {
        .init(
            orgID: OrgID(UUID()),
            reference: AttemptReference(messageID: .new(), number: 1),
            accountID: account,
            channel: .sms,
            to: "+14155550100",
            content: MessageContent(body: "Hello", attachments: attachments),
            leaseMilliseconds: milliseconds,
            freshMilliseconds: freshMilliseconds,
            isUrgent: isUrgent,
            isSuspect: isSuspect
        )
    }
}

extension MessagingAPI.LookUp {
    /// Of an attempt of its own.
    static func test(account: AccountID = MessagingAPI.LeasedAccount.test.id) -> Self {
        .init(
            orgID: OrgID(UUID()),
            reference: AttemptReference(messageID: .new(), number: 1),
            accountID: account,
            channel: .sms,
            to: "+14155550100",
            content: MessageContent(body: "Hello"),
            since: .now
        )
    }
}

extension MessagingAPI.AttemptKey {
    static func test(_ number: Int = 1) -> Self {
        .init(orgID: OrgID(UUID()), reference: AttemptReference(messageID: .new(), number: number))
    }
}

extension MessagingAPI.AttemptOutcome {
    static func test(_ key: MessagingAPI.AttemptKey, _ outcome: SendOutcome = .accepted(providerMessageID: "SM1"))
        -> Self
    {
        .init(
            orgID: key.orgID,
            reference: key.reference,
            outcome: outcome,
            startedAt: Timestamp(microseconds: 1_795_255_200_123_456),
            endedAt: Timestamp(microseconds: 1_795_255_200_234_567)
        )
    }
}
