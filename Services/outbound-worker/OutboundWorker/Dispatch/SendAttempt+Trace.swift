import InternalAPI
import Shared
import Telemetry
import Tracing

extension SendAttempt {
    /// Sends within the trace that the message belongs to, if it belongs to one; the provider is told nothing of it.
    func traced(
        _ lease: MessagingAPI.Lease,
        by provider: ProviderKind,
        _ send: () async -> SendOutcome
    ) async -> SendOutcome {
        guard let parent = lease.traceParent, Traces.isOn else { return await send() }
        let surroundings = InstrumentationContext(traceParent: parent)
        return await withSpan("send by \(provider.rawValue)", context: surroundings, ofKind: .client) { span in
            let outcome = await send()
            span.attributes["herald.message.id"] = "\(lease.reference.messageID)"
            span.attributes["herald.org.id"] = "\(lease.orgID)"
            span.attributes["herald.attempt"] = lease.reference.number
            span.attributes["herald.outcome"] = outcome.className
            span.attributes["herald.error.code"] = outcome.errorCode
            if outcome.errorCode != nil { span.setStatus(.init(code: .error)) }
            return outcome
        }
    }
}
