import Shared

/// Sends the rows of a file in batches, one after another, so that of two lines about one customer the later one counts.
struct ImportRun: Sendable {
    /// Customers in one call, which the API takes.
    static let batch = Limits.batchCustomers
    /// Bytes of one call, well within what the API takes.
    static let batchBytes = 4 << 20
    /// Before each further try of a call that failed in passing.
    static let pauses: [Duration] = [1, 2, 4, 8, 16, 30].map { .seconds($0) }

    /// What became of a batch.
    struct Outcome: Sendable {
        var created = 0
        var updated = 0
        var keptOptOuts = 0
        var faults: [ImportFault] = []
    }

    let client: APIClient
    let clock: any Clock<Duration>

    func send(_ rows: [ImportRow]) async throws -> Outcome {
        guard !rows.isEmpty else { return Outcome() }
        let answer = try await self.answer(to: rows)
        guard let data = answer.json?["data"]?.array, data.count == rows.count else {
            throw self.client.foreign(answer)
        }
        var outcome = Outcome()
        for (row, result) in zip(rows, data) {
            switch result["status"]?.int {
            case 201: outcome.created += 1
            case 200: outcome.updated += 1
            default: outcome.faults += Self.faults(of: row, result["error"])
            }
            outcome.keptOptOuts += result["kept_opt_outs"]?.array?.count ?? 0
        }
        return outcome
    }

    /// A batch that is sent twice changes nothing the second time, so whatever may pass is tried again.
    private func answer(to rows: [ImportRow]) async throws -> APIAnswer {
        let body: JSONValue = ["customers": .array(rows.map(\.customer))]
        var pauses = Self.pauses[...]
        while true {
            do {
                return try await self.client(.post("/api/v1/customers/batch", body))
            } catch let failure as CommandFailure where failure.mayPass {
                guard let pause = pauses.popFirst() else { throw failure }
                try await self.clock.sleep(for: pause)
            }
        }
    }

    /// `/customers/17/identities/0/value` is about a column of that line.
    private static func faults(of row: ImportRow, _ problem: JSONValue?) -> [ImportFault] {
        let violations = (problem?["violations"]?.array ?? []).map { violation in
            let path = (violation["pointer"]?.string ?? "").split(separator: "/").dropFirst(2)
            return ImportFault(
                line: row.line,
                column: row.column(at: Array(path)),
                reason: violation["detail"]?.string ?? "is not valid"
            )
        }
        guard violations.isEmpty else { return violations }
        let reason = problem?["detail"]?.string ?? problem?["title"]?.string ?? "was refused"
        return [ImportFault(line: row.line, reason: reason)]
    }
}
