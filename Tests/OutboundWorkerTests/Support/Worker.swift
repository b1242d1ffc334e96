import Foundation
import InternalAPI
import Logging
import Providers
import Shared
import TestSupport

@testable import OutboundWorker

/// A dispatcher between a queue and a provider that a test holds in its hands.
struct Worker {
    let queue: TestQueue
    let provider: TestProvider
    let dispatcher: Dispatcher

    init(
        slots: Int = 8,
        queue: TestQueue = TestQueue(),
        provider: TestProvider = TestProvider(),
        clock: any MonotonicClock = ContinuousClock()
    ) {
        self.queue = queue
        self.provider = provider
        self.dispatcher = Dispatcher(
            queue: queue,
            attempt: SendAttempt(
                providers: ProviderRegistry([provider]),
                deadline: .seconds(20),
                clock: clock,
                logger: .quiet
            ),
            slots: slots,
            readiness: Readiness(clock: clock),
            clock: clock,
            logger: .quiet
        )
    }
}

extension MessagingAPI.LeasedAccount {
    static let test = Self(id: .new(), provider: .twilio, credentials: Credentials([:]))
    /// Its provider is in no test's registry.
    static let withoutProvider = Self(id: .new(), provider: .smtp, credentials: Credentials([:]))
}

extension MessagingAPI.Lease {
    /// A message of its own, by default with a minute to send it.
    static func test(account: AccountID = MessagingAPI.LeasedAccount.test.id, milliseconds: Int = 60_000) -> Self {
        .init(
            orgID: OrgID(UUID()),
            reference: AttemptReference(messageID: .new(), number: 1),
            accountID: account,
            channel: .sms,
            to: "+14155550100",
            content: MessageContent(body: "Hello"),
            leaseMilliseconds: milliseconds
        )
    }
}
