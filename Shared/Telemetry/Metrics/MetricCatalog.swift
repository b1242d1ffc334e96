/// Every metric of Herald, with what `/metrics` says of it.
///
/// A metric that is not in here would have neither help nor bounds of its own; `MetricCatalogTests` compares it with the sources.
package enum MetricCatalog {
    package static let all = [
        Self.requests, Self.databases, Self.outbox, Self.sending, Self.inbox, Self.secrets, Self.telemetry,
    ].flatMap(\.self)

    static let descriptions = Dictionary(uniqueKeysWithValues: Self.all.map { ($0.name, $0) })

    private static let requests: [MetricDescription] = [
        .counter("http_requests_total", "Answered requests by method, route and status."),
        .histogram(
            "http_request_duration_seconds",
            "From a request's head to the head of its answer, by method and route."
        ),
        .gauge("http_requests_in_flight", "Requests that are being answered."),
        .counter(
            "herald_internal_calls_total",
            "Calls to other services by service and outcome: their status class, or unavailable."
        ),
        .histogram(
            "herald_internal_call_duration_seconds",
            "Calls to other services with all their tries, by service."
        ),
    ]

    private static let databases: [MetricDescription] = [
        .gauge("herald_postgres_connections_max", "How many connections a pool may open."),
        .gauge("herald_postgres_connections_lent", "Connections of a pool that are in use."),
        .gauge("herald_postgres_up", "Whether the server could be reached when it was last tried: 1 or 0."),
        .histogram(
            "herald_postgres_wait_seconds",
            "How long callers waited for a connection of a pool; who got one at once is not counted."
        ),
        .histogram("herald_postgres_use_seconds", "How long a connection of a pool was in use."),
        .counter(
            "herald_postgres_failures_total",
            "Uses of a pool that failed by reason: exhausted, unavailable, lost, timeout."
        ),
    ]

    private static let secrets: [MetricDescription] = [
        .gauge("herald_secrets_closed", "Secrets that no master key opens, by column."),
        .counter(
            "herald_secrets_resealed_total",
            "Secrets that were sealed anew with the newest master key, by column."
        ),
    ]

    private static let outbox: [MetricDescription] = [
        .gauge(
            "herald_outbox_messages",
            "Unfinished messages by channel, priority and state; beyond 500 pages of the table an estimate."
        ),
        .gauge(
            "herald_outbox_org_messages",
            "Unfinished messages of the organizations that have most; only with ENGINE_METRICS_BY_ORG."
        ),
        .gauge(
            "herald_outbox_oldest_due_seconds",
            "How long the message has been due that has waited longest, by channel and priority; paused organizations and closed accounts left out."
        ),
        .gauge("herald_accounts", "Accounts by gate: open, parked, outage, recovering."),
        .gauge("herald_workers", "Workers that were heard of in the last hour: alive, or silent."),
        .gauge("herald_sends_paused", "Whether the operator has stopped all sending: 1 or 0."),
        .gauge(
            "herald_sends_fenced",
            "Whether nothing is sent because the database was restored, and that is not reconciled: 1 or 0."
        ),
        .counter("herald_messages_created_total", "Messages that were accepted, by channel and priority."),
        .histogram("herald_claim_duration_seconds", "Transactions that claim messages for a lease."),
        .counter("herald_leases_total", "Messages that were leased to a worker, by priority."),
        .histogram(
            "herald_lease_delay_seconds",
            "From the time a message was due to its lease, by priority.",
            buckets: MetricBuckets.delays
        ),
        .histogram(
            "herald_send_delay_seconds",
            "From a message's creation, or the time it was scheduled for, to the provider's acceptance, by channel and priority.",
            buckets: MetricBuckets.delays
        ),
        .counter(
            "herald_delivery_events_total",
            "Events about attempts by source, what they say, and whether they were applied."
        ),
        .counter("herald_messages_settled_total", "Messages that reached a status, by channel and status."),
        .counter("herald_leases_ended_total", "Leases that ended without a word from their worker."),
        .counter(
            "herald_lanes_mended_total",
            "Lanes in which messages waited behind nobody; anything above 0 is a fault of the engine."
        ),
        .counter(
            "herald_background_failures_total",
            "Rounds of work beside the requests that failed, by task; each is tried again."
        ),
        .counter(
            "herald_retention_messages_total",
            "Messages that were let go because their time was over, by what was done with them."
        ),
        .gauge("herald_retention_last_sweep_timestamp_seconds", "When the last whole sweep of the retention ended."),
    ]

    private static let sending: [MetricDescription] = [
        .gauge("herald_worker_slots", "Attempts that the worker may make at once."),
        .gauge("herald_worker_slots_taken", "Attempts that the worker makes at this moment."),
        .gauge("herald_worker_outcomes_pending", "Outcomes that messaging-service was not told yet."),
        .counter("herald_attempts_total", "Attempts that were made, by provider, channel and outcome."),
        .histogram("herald_provider_duration_seconds", "How long providers took to answer an attempt, by provider."),
        .counter("herald_attempts_not_made_total", "Leases that were given back unused, by reason."),
        .counter(
            "herald_provider_questions_total",
            "Uncertain attempts that providers were asked about, by provider and answer."
        ),
        .counter("herald_journal_failures_total", "Records that could not be written into the journal, by record."),
        .counter("herald_heartbeat_failures_total", "Heartbeats that messaging-service did not answer."),
        .gauge("herald_worker_fenced", "Whether this worker sends nothing because the database was restored: 1 or 0."),
    ]

    private static let inbox: [MetricDescription] = [
        .counter("inbound_events_without_account_total", "Signed events that nobody has an account for."),
        .counter("herald_inbox_events_total", "Events that were stored for the first time, by provider and kind."),
        .gauge("herald_inbox_pending", "Events that still have to be passed on, by kind; up to 10,000 are counted."),
        .gauge("herald_inbox_oldest_pending_seconds", "How long ago the oldest of them came, by kind."),
        .histogram(
            "herald_inbox_delay_seconds",
            "From a webhook's arrival to the effect of its event, by kind.",
            buckets: MetricBuckets.delays
        ),
        .counter("herald_inbox_settled_total", "Tries to pass an event on, by kind and what came of them."),
        .gauge("herald_inbox_lane_open", "Whether the services that a kind of event needs are there: 1 or 0."),
        .gauge(
            "herald_inbox_retention_last_sweep_timestamp_seconds",
            "When the inbox's last sweep of old events ended."
        ),
    ]

    private static let telemetry: [MetricDescription] = [
        .counter("herald_log_lines_total", "Lines that were logged, by level."),
        .counter("herald_metric_series_refused_total", "Series beyond the most that a metric may have."),
        .counter(
            "herald_trace_spans_total",
            "Spans by what became of them: exported, dropped when the queue was full, or refused by the collector."
        ),
    ]
}
