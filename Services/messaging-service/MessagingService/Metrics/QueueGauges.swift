import Metrics
import Postgres
import Shared
import Synchronization
import Telemetry

/// What a look at the queue fills in: each combination of labels that there can be, so that what is gone is 0 and not as before.
struct QueueGauges: Sendable {
    struct Kind: Hashable {
        let channel: Channel
        let category: Shared.Category
        var state: QueueState?

        init(_ channel: Channel, _ category: Shared.Category, _ state: QueueState? = nil) {
            (self.channel, self.category, self.state) = (channel, category, state)
        }

        init(_ row: Row) throws {
            let priority: Int = try row.get("class")
            guard let category = Shared.Category.allCases.first(where: { $0.priority == priority }) else {
                throw PostgresError.decoding(column: "class", type: "Category")
            }
            self.init(try row.get("channel"), category)
        }

        @Sendable static func labels(_ kind: Kind) -> [(String, String)] {
            [("channel", kind.channel.rawValue), ("priority", kind.category.rawValue)]
                + (kind.state.map { [("state", $0.rawValue)] } ?? [])
        }
    }

    let paused = Gauge(label: "herald_sends_paused")
    let fenced = Gauge(label: "herald_sends_fenced")
    private let messages = MetricFamily<Kind, Gauge>("herald_outbox_messages", labels: Kind.labels)
    private let oldest = MetricFamily<Kind, Gauge>("herald_outbox_oldest_due_seconds", labels: Kind.labels)
    private let accounts = MetricFamily<AccountFlow.Gate, Gauge>("herald_accounts") { [("gate", $0.rawValue)] }
    private let workers = MetricFamily<String, Gauge>("herald_workers") { [("state", $0)] }
    private let organizations = OrganizationGauges()

    func set(counts rows: [Row], scaledBy factor: Double) throws {
        var counts: [Kind: Double] = [:]
        for row in rows {
            var kind = try Kind(row)
            kind.state = try row.get("state")
            counts[kind] = Double(try row.get("count", as: Int.self)) * factor
        }
        for (channel, category) in Self.kinds {
            for state in QueueState.allCases {
                let kind = Kind(channel, category, state)
                self.messages[kind].record((counts[kind] ?? 0).rounded())
            }
        }
    }

    func set(oldest rows: [Row]) throws {
        var ages: [Kind: Double] = [:]
        for row in rows { ages[try Kind(row)] = Double(try row.get("microseconds", as: Int.self)) / 1e6 }
        for (channel, category) in Self.kinds {
            let kind = Kind(channel, category)
            self.oldest[kind].record(max(0, ages[kind] ?? 0))
        }
    }

    func set(gates rows: [Row]) throws {
        var counts: [AccountFlow.Gate: Int] = [:]
        for row in rows { counts[try row.get("gate")] = try row.get("count") }
        for gate in AccountFlow.Gate.allCases { self.accounts[gate].record(counts[gate] ?? 0) }
    }

    func set(workers rows: [Row]) throws {
        var counts = ["alive": 0, "silent": 0]
        for row in rows { counts[try row.get("is_alive") ? "alive" : "silent"] = try row.get("count") }
        for (state, count) in counts { self.workers[state].record(count) }
    }

    func set(organizations rows: [Row], scaledBy factor: Double) throws {
        self.organizations.set(
            try rows.map { (try $0.get("org_id"), Double(try $0.get("count", as: Int.self)) * factor) }
        )
    }

    private static var kinds: [(Channel, Shared.Category)] {
        Channel.allCases.flatMap { channel in Shared.Category.allCases.map { (channel, $0) } }
    }
}

/// The gauges of the busiest organizations: who no longer is one of them has none.
private final class OrganizationGauges: Sendable {
    private let factory = MetricsSystem.factory
    private let gauges = Mutex<[OrgID: Gauge]>([:])

    func set(_ counts: [(OrgID, Double)]) {
        self.gauges.withLock { gauges in
            let busy = Set(counts.map(\.0))
            for (orgID, gauge) in gauges where !busy.contains(orgID) {
                gauge.destroy()
                gauges[orgID] = nil
            }
            for (orgID, count) in counts {
                let gauge =
                    gauges[orgID]
                    ?? Gauge(
                        label: "herald_outbox_org_messages",
                        dimensions: [("org_id", "\(orgID)")],
                        factory: self.factory
                    )
                gauges[orgID] = gauge
                gauge.record(count.rounded())
            }
        }
    }
}
