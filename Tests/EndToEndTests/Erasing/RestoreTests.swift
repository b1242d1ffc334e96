import Shared
import TestSupport
import Testing

/// Who was erased is erased again after a backup from before was restored.
@Suite struct RestoreTests {
    @Test(.timeLimit(.minutes(5)), arguments: [false, true])
    func aRestoreBringsNobodyBack(restoresTheGateway: Bool) async throws {
        try await withPlatform { platform in
            let tenant = try await platform.newTenant()
            let org = try await tenant.get("/api/v1/org").id
            let person = try await ErasedPerson.live(on: platform, tenant)
            let traces = Traces(ErasedPerson.needles)
            var roles = ["customers", "messaging", "conversations", "inbound"]
            if restoresTheGateway { roles.append("gateway") }
            var backups: [(role: String, dump: [UInt8])] = []
            for role in roles { backups.append((role, try await platform.dump(of: role))) }

            let erase = try await tenant.post("/api/v1/customers/\(person.id)/erase", [:])
            let path = "/api/v1/erasures/\(erase.id)"
            try await eventually { try await tenant.get(path).json["status"]?.string == "done" }
            let file = try await tenant.get("/api/v1/erasures").json["data"]?.array ?? []
            #expect(file.count == 1)

            for backup in backups { try await platform.restore(backup.dump, of: backup.role) }
            #expect(!traces.found(in: try await platform.dump(of: "customers")).isEmpty)
            #expect(!traces.found(in: try await platform.dump(of: "messaging")).isEmpty)
            let body: JSONValue = restoresTheGateway ? ["erasures": .array(file)] : [:]
            for _ in 0..<2 {
                let answer = try await platform.gateway.post("/api/v1/orgs/\(org)/erasures/reapply", body)
                #expect(answer.status == 202, "\(answer.text)")
                #expect(answer.json["reapplied"]?.int == 1)
                try await eventually { try await tenant.get(path).json["status"]?.string == "done" }
                try await platform.expectNoTrace(traces)
            }
            #expect(try await tenant.get("/api/v1/customers/\(person.id)").status == 404)
            #expect(try await tenant.status(of: person.messages[0]) == "read")
            #expect(try await tenant.get("/api/v1/customers/\(person.bystander)").status == 200)
        }
    }
}
