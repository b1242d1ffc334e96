import Installation
import Shared
import TestClient

/// Looks for what crashes have damaged: tables and indexes, and the chain of each audit trail.
struct FindDamages: Sendable {
    let herald: Installation
    let postgres: PrivatePostgres
    let tenants: [Tenant]

    func callAsFunction() async throws -> [String] {
        var damages: [String] = []
        if let findings = try await self.postgres.findings(), !findings.isEmpty {
            damages.append(String(findings.prefix(2000)))
        }
        for tenant in self.tenants { damages += try await self.brokenSeals(of: tenant) }
        return damages
    }

    private func brokenSeals(of tenant: Tenant) async throws -> [String] {
        var findings: [String] = []
        var cursor = ""
        while true {
            let step = try await tenant.api.get("/api/v1/audit-verification\(cursor)").expecting(200).json
            findings += (step["data"]?.array ?? []).map { "audit trail of organization \(tenant.number): \($0.text)" }
            guard let next = step["next_cursor"]?.string else { return findings }
            cursor = "?cursor=\(next)"
        }
    }
}
