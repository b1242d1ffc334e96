import Shared

/// What happened to a message, as its sender reads it: why it is where it is.
struct Timeline: Sendable {
    struct Entry: Sendable {
        let at: Timestamp
        let type: String
        let attempt: Int?
        /// The status that it led to; nil when it led to none.
        let state: String?
        let detail: JSONValue

        var json: JSONValue {
            .object(members: [
                ("at", .text(self.at)), ("type", .string(self.type)),
                ("attempt", self.attempt.map { .number(JSONNumber($0)) } ?? .null), ("state", .text(self.state)),
                ("detail", self.detail),
            ])
        }
    }

    let message: MessageResource
    let attempts: [AttemptResource]
    let reports: [ReportResource]
    let acts: [ActResource]
    let standing: StandingResource?

    /// In the order of time; of the same moment, in the order of causes.
    var entries: [Entry] {
        var entries = [self.message.firstEntry]
        for attempt in self.attempts { entries += attempt.entries }
        entries += self.acts.map(\.entry)
        if let standing { entries += standing.entries }
        entries += self.reports.map(\.entry)
        if self.message.status == .skipped {
            entries.append(
                Entry(
                    at: self.message.updatedAt,
                    type: "blocked",
                    attempt: nil,
                    state: "skipped",
                    detail: ["error": self.message.error]
                )
            )
        }
        if self.message.status == .expired {
            entries.append(
                Entry(
                    at: self.message.updatedAt,
                    type: "expired",
                    attempt: nil,
                    state: "expired",
                    detail: .object(members: [("expires_at", .text(self.message.expiresAt))])
                )
            )
        }
        // Attempts and acts say why, unless it was given up between two of them.
        if self.message.status == .failed, let failedAt = self.message.failedAt,
            !self.attempts.contains(where: { $0.state == .failed }), !self.acts.contains(where: { $0.name == .resolve })
        {
            entries.append(
                Entry(
                    at: failedAt,
                    type: "failed",
                    attempt: nil,
                    state: "failed",
                    detail: ["error": self.message.error]
                )
            )
        }
        return entries.enumerated().sorted { left, right in
            (left.element.at, left.offset) < (right.element.at, right.offset)
        }.map(\.element)
    }
}

extension MessageResource {
    fileprivate var firstEntry: Timeline.Entry {
        switch self.direction {
        case .outbound:
            let isLater = self.scheduledAt.map { $0 > self.createdAt } ?? false
            return .init(
                at: self.createdAt,
                type: "created",
                attempt: nil,
                state: isLater ? "scheduled" : "queued",
                detail: .object(members: [("scheduled_at", .text(self.scheduledAt))])
            )
        case .inbound:
            return .init(at: self.createdAt, type: "received", attempt: nil, state: "delivered", detail: [:])
        }
    }
}

extension AttemptResource {
    /// The attempt's start, its end, and the wait it led to; one that only a provider's report told of has none.
    fileprivate var entries: [Timeline.Entry] {
        if self.isPutOff { return [self.putOff] }
        var entries: [Timeline.Entry] = []
        if let startedAt {
            let worker: JSONValue = .object(members: [("worker", .text(self.worker))])
            entries.append(
                .init(at: startedAt, type: "attempt_started", attempt: self.number, state: "sending", detail: worker)
            )
        }
        if self.startedAt != nil || self.state == .unused {
            entries.append(
                .init(
                    at: self.endedAt ?? self.recordedAt,
                    type: "attempt_ended",
                    attempt: self.number,
                    state: self.endState,
                    detail: .object(members: [
                        ("provider_message_id", .text(self.providerMessageID)), ("error", self.error),
                    ])
                )
            )
        }
        if let retryAt {
            entries.append(
                .init(
                    at: self.endedAt ?? self.recordedAt,
                    type: self.steppedAside ? "stepped_aside" : "waiting",
                    attempt: self.number,
                    state: "queued",
                    detail: .object(members: [("next_attempt_at", .text(retryAt))])
                )
            )
        }
        return entries
    }

    /// The wait for the end of quiet hours, in the place of an attempt that was not made.
    private var putOff: Timeline.Entry {
        .init(
            at: self.recordedAt,
            type: "waiting",
            attempt: nil,
            state: "queued",
            detail: .object(members: [("gate", .string(ProviderError.quietHoursCode)), ("until", .text(self.retryAt))])
        )
    }

    /// How the attempt itself ended: what was reported later stands in entries of its own.
    private var endState: String {
        switch self.state {
        case .delivered, .read: "sent"
        case .uncertain, .unused, .sent, .failed: self.state.rawValue
        }
    }
}

extension ActResource {
    fileprivate var entry: Timeline.Entry {
        var detail = self.detail
        detail["actor"] = .string(self.actor)
        return .init(
            at: self.at,
            type: self.type,
            attempt: nil,
            state: self.detail["to"]?.string,
            detail: .object(detail)
        )
    }
}

extension StandingResource {
    /// What the message does or waits for now.
    fileprivate var entries: [Timeline.Entry] {
        if let leasedAt, let worker {
            return [
                .init(
                    at: leasedAt,
                    type: "sending",
                    attempt: self.epoch,
                    state: "sending",
                    detail: ["worker": .string(worker)]
                )
            ]
        }
        guard let wait = self.wait else { return [] }
        var detail = wait.detail.object ?? [:]
        detail["gate"] = .string(wait.gate)
        let type = self.state == .held ? "held" : "waiting"
        return [.init(at: self.now, type: type, attempt: nil, state: nil, detail: .object(detail))]
    }
}

extension ReportResource {
    fileprivate var entry: Timeline.Entry {
        .init(
            at: self.receivedAt,
            type: self.effect == "applied" ? "provider_report" : "provider_report_ignored",
            attempt: self.attempt,
            state: self.effect == "applied" ? self.effectDetail : nil,
            detail: .object(members: [
                ("status", .string(self.report.status.name)), ("occurred_at", .text(self.report.occurredAt)),
                ("provider_message_id", .text(self.report.providerMessageID)), ("error", self.report.status.error),
                ("reason", self.effect == "applied" ? .null : .text(self.effectDetail)),
            ])
        )
    }
}

extension ProviderReport.Status {
    fileprivate var name: String {
        switch self {
        case .sent: "sent"
        case .delivered: "delivered"
        case .read: "read"
        case .failed: "failed"
        case .note(let text): text
        }
    }

    fileprivate var error: JSONValue {
        guard case .failed(let error, let failureClass) = self else { return .null }
        return .failure(error.code, error.detail, failureClass)
    }
}
