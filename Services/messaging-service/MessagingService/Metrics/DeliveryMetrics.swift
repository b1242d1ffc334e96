import Metrics
import Shared
import Telemetry
import Tracing

/// What became of one event about an attempt, to be told when it is committed.
struct SettledEvent: Sendable {
    let event: AttemptEvent
    let effect: SettleMessages.Effect
    /// As it was before the batch; nil where there is no such message.
    let stored: StoredMessage?
    /// What the message was before this event.
    let previous: MessageStatus?
    /// What the message got to by this event; nil where it stayed what it was.
    let status: MessageStatus?
    /// By the organization's clock.
    let now: Timestamp

    static func of(
        _ events: [AttemptEvent],
        _ effects: [SettleMessages.Effect],
        in messages: LockedMessages
    ) -> [SettledEvent] {
        var statuses: [MessageKey: MessageStatus] = [:]
        return zip(events, effects).map { event, effect in
            let stored = messages.settlements[event.key]?.stored
            let previous = statuses[event.key] ?? stored?.status
            var reached: MessageStatus?
            if case .applied(let status) = effect, status != previous { reached = status }
            statuses[event.key] = reached ?? statuses[event.key]
            return SettledEvent(
                event: event,
                effect: effect,
                stored: stored,
                previous: previous,
                status: reached,
                now: messages.clock.now(of: event.orgID)
            )
        }
    }
}

/// What is measured of settlements; of a message that belongs to a trace each becomes a span in it.
struct DeliveryMetrics: Sendable {
    private struct Event: Hashable {
        let source: String
        let kind: String
        let effect: String
    }

    private struct Kind: Hashable {
        let channel: Channel
        let category: Shared.Category
    }

    private let events = MetricFamily<Event, Counter>("herald_delivery_events_total") {
        [("source", $0.source), ("kind", $0.kind), ("effect", $0.effect)]
    }
    private let statuses = MetricFamily<MessageStatus, Counter>("herald_messages_settled_total") {
        [("status", $0.rawValue)]
    }
    private let delays = MetricFamily<Kind, Timer>("herald_send_delay_seconds") {
        [("channel", $0.channel.rawValue), ("priority", $0.category.rawValue)]
    }

    init() {
        self.statuses.prepare([.sent, .delivered, .read, .failed, .skipped, .cancelled, .expired])
    }

    func tell(_ events: [SettledEvent]) {
        for event in events {
            self.events[
                Event(
                    source: event.event.source.word,
                    kind: event.event.event.kind.word,
                    effect: event.effect.word
                )
            ].increment()
            if let status = event.status { self.statuses[status].increment() }
            self.measureDelay(of: event)
            self.trace(event)
        }
    }

    /// Counts what an act or the time made of messages.
    func changed(to status: MessageStatus) { self.statuses[status].increment() }

    /// By whichever is quicker: the worker that sent it, or a webhook of the provider.
    private func measureDelay(of event: SettledEvent) {
        guard let stored = event.stored, event.previous == .queued, let status = event.status,
            [.sent, .delivered, .read].contains(status)
        else { return }
        let began = max(stored.id.time, stored.scheduledAt ?? stored.id.time)
        self.delays[Kind(channel: stored.channel, category: stored.category)].record(duration: event.now - began)
    }

    private func trace(_ event: SettledEvent) {
        guard let stored = event.stored, let traceParent = stored.traceParent else { return }
        var attributes: SpanAttributes = [
            "herald.message.id": .string("\(stored.id)"), "herald.org.id": .string("\(stored.orgID)"),
            "herald.attempt": .int(Int64(event.event.reference.number)),
            "herald.event.source": .string(event.event.source.word),
            "herald.event.kind": .string(event.event.event.kind.word),
            "herald.event.effect": .string(event.effect.word),
        ]
        if let status = event.status { attributes["herald.message.status"] = status.rawValue }
        Traces.note("settle", within: traceParent, from: event.now, to: event.now, attributes)
    }
}

extension AttemptEvent.Source {
    fileprivate var word: String {
        switch self {
        case .worker: "worker"
        case .provider: "provider"
        case .lookUp: "look_up"
        case .givenBack: "given_back"
        case .crash: "crash"
        case .recovery: "recovery"
        case .leaseEnd: "lease_end"
        case .replay: "replay"
        }
    }
}

extension DeliveryEvent.Kind {
    fileprivate var word: String {
        switch self {
        case .unused: "unused"
        case .uncertain: "uncertain"
        case .sent: "sent"
        case .failed(let failureClass, _): "failed_\(failureClass.rawValue)"
        case .delivered: "delivered"
        case .read: "read"
        }
    }
}

extension SettleMessages.Effect {
    fileprivate var word: String {
        switch self {
        case .applied: "applied"
        case .ignored: "ignored"
        case .unknown: "unknown"
        }
    }
}
