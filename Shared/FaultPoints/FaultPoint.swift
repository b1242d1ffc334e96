import Foundation
import Synchronization

/// A place in the code at which a process can be told to die, to show that nothing depends on its getting further.
///
/// `FAULTPOINT=create-before-commit:3` in the environment makes a process send itself SIGKILL when it comes there the third
/// time. Only debug builds know it: in a release build `reach` does nothing, and the variable has no effect.
package enum FaultPoint: String, Sendable, CaseIterable {
    /// messaging-service has written messages, and has not committed them.
    case createBeforeCommit = "create-before-commit"
    /// messaging-service has committed messages, and has told nobody.
    case createAfterCommit = "create-after-commit"
    /// messaging-service has committed a claim, and the worker has not heard of it.
    case claimAfterCommit = "claim-after-commit"
    /// messaging-service has applied outcomes, and has not committed them.
    case outcomeBeforeCommit = "outcome-before-commit"
    /// messaging-service has committed outcomes, and the worker has not heard of it.
    case outcomeAfterCommit = "outcome-after-commit"
    /// messaging-service has applied a provider's reports, and has not committed them.
    case reportBeforeCommit = "report-before-commit"
    /// messaging-service has settled what a worker's last life left, and has not committed it.
    case recoveryBeforeCommit = "recovery-before-commit"
    /// messaging-service has written received messages, and has not committed them.
    case receiveBeforeCommit = "receive-before-commit"
    /// The worker has journaled what it will do, and no byte has left.
    case intentJournaled = "intent-journaled"
    /// The worker has read the provider's answer, and has not journaled it.
    case answerRead = "answer-read"
    /// The worker has journaled the provider's answer, and has told nobody.
    case outcomeJournaled = "outcome-journaled"
    /// The worker has handed outcomes over, and its journal does not say so.
    case outcomeHandedOver = "outcome-handed-over"
    /// The worker has told what its last life left, and its journal still has it.
    case recoveryHandedOver = "recovery-handed-over"
    /// inbound-gateway has written a webhook, and has not committed it.
    case webhookBeforeCommit = "webhook-before-commit"
    /// inbound-gateway has committed a webhook, and has not answered it.
    case webhookAfterCommit = "webhook-after-commit"
    /// inbound-gateway has passed events on, and has not noted that.
    case eventPassedOn = "event-passed-on"

    /// Ends the process here, when it was told to.
    package func reach() {
        #if DEBUG
        guard let armed = Self.armed, armed.point == self else { return }
        let count = Self.count.add(1, ordering: .relaxed).newValue
        guard count == armed.times else { return }
        kill(getpid(), SIGKILL)
        #endif
    }

    #if DEBUG
    private static let count = Atomic<Int>(0)
    private static let armed = ProcessInfo.processInfo.environment["FAULTPOINT"].flatMap { Armed($0) }

    private struct Armed {
        let point: FaultPoint
        let times: Int

        init?(_ text: String) {
            let parts = text.split(separator: ":")
            guard parts.count == 2, let point = FaultPoint(rawValue: String(parts[0])), let times = Int(parts[1]),
                times > 0
            else {
                FileHandle.standardError.write(Data("FAULTPOINT must be NAME:NUMBER, not \(text).\n".utf8))
                exit(2)
            }
            (self.point, self.times) = (point, times)
        }
    }
    #endif
}
