import Postgres
import Shared

/// The statements on the table `account_flows`.
enum FlowStore {
    /// Makes the flow of a new account, or gives that of a changed one its new limits.
    static func set(_ settings: AccountSettings, of account: AccountKey) -> SQL {
        let limits = settings.limits
        return """
            INSERT INTO account_flows (org_id, account_id, rate, burst, max_in_flight, pair_interval_ms, order_patience_ms,
                enforce_window, retry_delays, tokens)
            VALUES (\(account.orgID), \(account.accountID), \(limits.rate), \(limits.burst), \(limits.maxInFlight),
                    \(limits.rules.pairInterval.milliseconds), \(limits.rules.patience.milliseconds),
                    \(limits.enforcesWindow), \(settings.retryPolicy?.milliseconds)::int[], \(limits.burst ?? 1))
            ON CONFLICT (org_id, account_id) DO UPDATE SET
                rate = EXCLUDED.rate, burst = EXCLUDED.burst, max_in_flight = EXCLUDED.max_in_flight,
                pair_interval_ms = EXCLUDED.pair_interval_ms, order_patience_ms = EXCLUDED.order_patience_ms,
                enforce_window = EXCLUDED.enforce_window, retry_delays = EXCLUDED.retry_delays,
                tokens = least(account_flows.tokens, EXCLUDED.tokens)
            """
    }

    /// Reads flows without locking them.
    static func read(_ accounts: [AccountKey]) -> SQL {
        """
        SELECT f.* FROM unnest(\(accounts.map(\.orgID))::uuid[], \(accounts.map(\.accountID))::uuid[]) AS k (org_id, id)
          JOIN account_flows f ON f.org_id = k.org_id AND f.account_id = k.id
        """
    }

    /// Locks flows and waits for those who have them: for what must not be missed.
    static func lock(_ accounts: [AccountKey]) -> SQL {
        """
        SELECT f.* FROM unnest(\(accounts.map(\.orgID))::uuid[], \(accounts.map(\.accountID))::uuid[]) AS k (org_id, id)
          JOIN account_flows f ON f.org_id = k.org_id AND f.account_id = k.id
         ORDER BY f.org_id, f.account_id
           FOR UPDATE OF f
        """
    }

    static func flows(in rows: [Row]) throws -> [AccountKey: AccountFlow] {
        var flows: [AccountKey: AccountFlow] = [:]
        for row in rows {
            let flow = try AccountFlow(row)
            flows[flow.account] = flow
        }
        return flows
    }

    /// Writes what changes by itself; limits are written by `set`.
    static func save(_ flows: [AccountFlow]) -> SQL {
        """
        UPDATE account_flows f SET
            tokens = r.tokens, refilled_at = r.refilled_at, gate = r.gate, gate_since = r.gate_since, gate_by = r.gate_by,
            gate_reason = r.gate_reason, probe_at = r.probe_at, probes = r.probes, failures = r.failures, ramp = r.ramp,
            retry_credit = r.retry_credit
          FROM unnest(
            \(flows.map(\.account.orgID))::uuid[], \(flows.map(\.account.accountID))::uuid[],
            \(flows.map(\.tokens))::double precision[], \(flows.map(\.refilledAt))::timestamptz[],
            \(flows.map(\.gate))::flow_gate[], \(flows.map(\.gateSince))::timestamptz[], \(flows.map(\.gateBy))::text[],
            \(flows.map(\.gateReason))::text[], \(flows.map(\.probeAt))::timestamptz[], \(flows.map(\.probes))::int[],
            \(flows.map(\.failures))::int[], \(flows.map(\.ramp))::double precision[],
            \(flows.map(\.retryCredit))::double precision[]
          ) AS r (org_id, account_id, tokens, refilled_at, gate, gate_since, gate_by, gate_reason, probe_at, probes,
                  failures, ramp, retry_credit)
         WHERE f.org_id = r.org_id AND f.account_id = r.account_id
        """
    }
}

extension AccountFlow {
    init(_ row: Row) throws {
        self.init(
            account: AccountKey(orgID: try row.get("org_id"), accountID: try row.get("account_id")),
            limits: Limits(
                rate: try row.getIfPresent("rate"),
                burst: try row.getIfPresent("burst"),
                maxInFlight: try row.getIfPresent("max_in_flight"),
                rules: .init(
                    patience: .milliseconds(try row.get("order_patience_ms", as: Int.self)),
                    pairInterval: .milliseconds(try row.get("pair_interval_ms", as: Int.self))
                ),
                enforcesWindow: try row.get("enforce_window")
            ),
            tokens: try row.get("tokens"),
            refilledAt: try row.get("refilled_at")
        )
        self.gate = try row.get("gate")
        self.gateSince = try row.getIfPresent("gate_since")
        self.gateBy = try row.getIfPresent("gate_by")
        self.gateReason = try row.getIfPresent("gate_reason")
        self.probeAt = try row.getIfPresent("probe_at")
        self.probes = try row.get("probes")
        self.failures = try row.get("failures")
        self.ramp = try row.get("ramp")
        self.retryCredit = try row.get("retry_credit")
    }
}
