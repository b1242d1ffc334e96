import CustomerService
import Foundation
import InternalAPI
import NIOHTTP1
import Postgres
import Shared
import TestSupport
import Testing

@Suite(.database(migrations: CustomerMigrations.all, role: "customers"), .timeLimit(.minutes(5)))
struct EraseTests {
    private static let phone = Address(kind: .phone, value: "+14155550100")
    private static let ann = #"""
        {"name":"Ann Lee","first_name":"Ann","fields":{"tier":"gold"},"groups":["vip"],
         "identities":[{"kind":"phone","value":"+14155550100"}]}
        """#

    @Test func nothingIsLeftButHashesAndTheTrail() async throws {
        try await RunningService.run { service in
            let tenant = Tenant(service)
            let id = try await tenant(.POST, "/customers", Self.ann, key: "ann@example.com").id
            let other = try await tenant.customer(#"{"identities":[{"kind":"email","value":"ann@example.com"}]}"#)
            #expect(try await tenant(.POST, "/customers/\(id)/merge", #"{"from":"\#(other)"}"#).status == 200)
            try await tenant.optOut(id)
            let answer = try await tenant.erase(other)
            #expect(Set(answer.customerIDs.map(\.description)) == [id, other])
            #expect(answer.marks.count == 2)
            #expect(try await tenant(.GET, "/customers/\(id)").status == 404)
            #expect(try await tenant(.GET, "/customers/\(other)").status == 404)
            let dump = try await self.dump(of: tenant.orgID)
            for trace in ["Ann", "Lee", "14155550100", "ann@example", "gold", "proof of it"] {
                #expect(!dump.contains(trace), "\(trace)")
            }
            let trail = try await tenant(.GET, "/audit-events?entity_id=\(id)")
            #expect(trail.data.map { $0["action"]?.string } == ["ERASED", "UPDATED", "UPDATED", "CREATED"])
            // What was changed is gone from the trail too.
            #expect(trail.data.dropFirst().allSatisfy { $0["detail"] == .null })
            // Again, by whichever id: nothing more, and the same is known.
            #expect(try await tenant.erase(id).marks == answer.marks)
        }
    }

    @Test func anOptOutAndASuppressionOutliveWhoSaidThem() async throws {
        try await RunningService.run { service in
            let tenant = Tenant(service)
            let id = try await tenant.customer(Self.ann)
            try await tenant.optOut(id)
            let line = #"{"address":"+14155550100","channel":"whatsapp","reason":"Ann asked"}"#
            let suppression = try await tenant(.POST, "/suppressions", line, key: "s")
            _ = try await tenant.erase(id)

            #expect(try await service.verdicts(of: Self.phone, for: tenant.orgID) == [.blocked(.optedOut), .allowed])
            #expect(
                try await service.verdict(of: Self.phone, for: tenant.orgID, on: .whatsapp) == .blocked(.suppressed)
            )
            // Another organization's are another's.
            #expect(try await service.verdicts(of: Self.phone, for: .new()) == [.allowed, .allowed])

            let shown = try await tenant(.GET, "/suppressions/\(suppression.id)").json
            #expect(shown["address"] == .null)
            #expect(shown["reason"] == .null)
            // Whoever has the address now says what they want themselves.
            let new = try await tenant.customer(Self.ann)
            #expect(new != id)
            #expect(try await service.verdicts(of: Self.phone, for: tenant.orgID) == [.blocked(.optedOut), .allowed])
            let consent = #"{"channel":"sms","purpose":"marketing","status":"opted_in"}"#
            #expect(try await tenant(.PUT, "/customers/\(new)/consents", consent).status == 200)
            #expect(try await service.verdicts(of: Self.phone, for: tenant.orgID) == [.allowed, .allowed])
            #expect(try await tenant(.DELETE, "/suppressions/\(suppression.id)").status == 204)
            #expect(try await service.verdict(of: Self.phone, for: tenant.orgID, on: .whatsapp) == .allowed)
        }
    }

    /// What an address is recognised by can not be made anew: an earlier master key goes on recognising it.
    @Test func anotherMasterKeyForgetsNobodysWill() async throws {
        let other = Data(repeating: 10, count: 32).base64EncodedString()
        let orgID = OrgID.new()
        try await RunningService.run { service in
            let tenant = Tenant(service, orgID: orgID)
            let id = try await tenant.customer(Self.ann)
            try await tenant.optOut(id)
            #expect(
                try await tenant(.POST, "/suppressions", #"{"address":"+14155550100","channel":"whatsapp"}"#).status
                    == 201
            )
            _ = try await tenant.erase(id)
        }
        let keys = ["master.key": other, "master.key.previous": RunningService.masterKey]
        try await RunningService.run(masterKeys: keys) { service in
            #expect(try await service.verdicts(of: Self.phone, for: orgID) == [.blocked(.optedOut), .allowed])
            #expect(try await service.verdict(of: Self.phone, for: orgID, on: .whatsapp) == .blocked(.suppressed))
            // Who has the address next is erased under the new key, and recognised by it.
            let tenant = Tenant(service, orgID: orgID)
            let next = try await tenant.customer(Self.ann)
            try await tenant.optOut(next)
            _ = try await tenant.erase(next)
        }
        try await RunningService.run(masterKeys: ["master.key": other]) { service async throws in
            #expect(try await service.verdicts(of: Self.phone, for: orgID) == [.blocked(.optedOut), .allowed])
        }
    }

    /// Of the same address there may be a line from before, and one from after an earlier erasure.
    @Test(arguments: [(String?.none, String?.some("2999-01-01T00:00:00Z")), (.some("2999-01-01T00:00:00Z"), .none)])
    func ofTwoSuppressionsTheLongerStays(first: String?, second: String?) async throws {
        try await RunningService.run { service in
            let tenant = Tenant(service)
            for end in [first, second] {
                let id = try await tenant.customer(Self.ann)
                let until = end.map { #","expires_at":"\#($0)""# } ?? ""
                #expect(try await tenant(.POST, "/suppressions", #"{"address":"+14155550100"\#(until)}"#).status == 201)
                _ = try await tenant.erase(id)
            }
            let lines = try await tenant(.GET, "/suppressions").data
            #expect(lines.count == 1)
            #expect(lines.first?["expires_at"] == .null)
        }
    }

    @Test func answersThatTellOfThemAreForgottenHoweverManyThereAre() async throws {
        try await RunningService.run { service in
            let tenant = Tenant(service)
            let id = try await tenant(.POST, "/customers", Self.ann, key: "k").id
            try await self.addAnswers(2500, of: tenant.orgID)
            _ = try await tenant.erase(id)
            let rows = try await TestDatabase.connection.transaction(for: [tenant.orgID]) { connection in
                try connection.query("SELECT count(*) AS count FROM idempotency_keys")
            }
            #expect(try rows[0].get("count", as: Int.self) == 2500)
            // The key is free, and makes somebody new.
            #expect(try await tenant(.POST, "/customers", Self.ann, key: "k").id != id)
        }
    }

    @Test func whoIsDeletedLeavesTheirIdsForALaterErasure() async throws {
        try await RunningService.run { service in
            let tenant = Tenant(service)
            let id = try await tenant.customer(Self.ann)
            let other = try await tenant.customer(#"{"name":"Bert"}"#)
            #expect(try await tenant(.POST, "/customers/\(id)/merge", #"{"from":"\#(other)"}"#).status == 200)
            try await tenant.optOut(id)
            let line = #"{"address":"+14155550100","channel":"whatsapp"}"#
            #expect(try await tenant(.POST, "/suppressions", line).status == 201)
            #expect(try await tenant(.DELETE, "/customers/\(other)").status == 204)
            #expect(try await tenant(.DELETE, "/customers/\(id)").status == 404)
            for gone in [id, other] { #expect(try await tenant(.GET, "/customers/\(gone)").status == 404) }
            #expect(try await service.verdicts(of: Self.phone, for: tenant.orgID) == [.blocked(.optedOut), .allowed])
            // The list is about addresses, and keeps them.
            #expect(try await tenant(.GET, "/suppressions").data.first?["address"]?.string == "+14155550100")
            let subject = try await tenant.subject(id)
            #expect(Set(subject.customerIDs.map(\.description)) == [id, other])
            #expect(subject.marks.count == 1)
            let trail = try await tenant(.GET, "/audit-events?action=DELETED").data
            #expect(trail.map { $0["entity_id"]?.string } == [id])
            #expect(try await tenant.customer(Self.ann) != id)
        }
    }

    @Test func nobodyElsesCustomerIsErased() async throws {
        try await RunningService.run { service in
            let (tenant, other) = (Tenant(service), Tenant(service))
            let id = try await tenant.customer(Self.ann)
            let answer = try await other.erase(id)
            #expect(answer.customerIDs.isEmpty && answer.marks.isEmpty)
            #expect(try await tenant(.GET, "/customers/\(id)").status == 200)
            await #expect(throws: Problem.self) { try await other.subject(id) }
        }
    }

    @Test func theExportHasAllOfThem() async throws {
        try await RunningService.run { service in
            let tenant = Tenant(service)
            let id = try await tenant.customer(Self.ann)
            try await tenant.optOut(id)
            #expect(try await tenant(.POST, "/suppressions", #"{"address":"+14155550100"}"#).status == 201)
            let export = try await tenant(.GET, "/customers/\(id)/export").json
            #expect(export["customer"] == (try await tenant(.GET, "/customers/\(id)").json))
            #expect(export["consents"]?.array?.count == 1)
            #expect(export["suppressions"]?[0]?["address"]?.string == "+14155550100")
            #expect(export["counters"]?["sends"] == 0)
            #expect(try await tenant(.GET, "/customers/\(CustomerID.new())/export").status == 404)
        }
    }

    /// Every row of every table.
    private func dump(of orgID: OrgID) async throws -> String {
        try await TestDatabase.connection.transaction(for: [orgID]) { connection in
            let tables: [SQL] = [
                "SELECT t::text AS row FROM customers t", "SELECT t::text AS row FROM identities t",
                "SELECT t::text AS row FROM consents t", "SELECT t::text AS row FROM consent_changes t",
                "SELECT t::text AS row FROM customer_fields t", "SELECT t::text AS row FROM customer_redirects t",
                "SELECT t::text AS row FROM group_members t", "SELECT t::text AS row FROM suppressions t",
                "SELECT t::text || encode(body, 'escape') AS row FROM idempotency_keys t",
                "SELECT t::text AS row FROM audit_events t", "SELECT t::text AS row FROM sends t",
                "SELECT t::text AS row FROM gone_customers t", "SELECT t::text AS row FROM kept_opt_outs t",
            ]
            return try connection.pipeline(tables).joined().map { try $0.get("row", as: String.self) }.joined()
        }
    }

    private func addAnswers(_ count: Int, of orgID: OrgID) async throws {
        _ = try await TestDatabase.connection.transaction(for: [orgID]) { connection in
            try connection.query(
                """
                INSERT INTO idempotency_keys (org_id, operation, key, fingerprint, status, body)
                SELECT \(orgID), 'customers.create', 'a' || n, '', 201, '{}' FROM generate_series(1, \(count)::int) AS n
                """
            )
        }
    }
}

extension Tenant {
    fileprivate var erasures: ErasureAPI { ErasureAPI(client: self.service.client) }

    fileprivate func subject(_ id: String) async throws -> ErasureAnswer {
        try await self.erasures.subject(CustomerID(id) ?? .new(), as: self.acting)
    }

    /// As the gateway does, to its end.
    fileprivate func erase(_ id: String) async throws -> ErasureAnswer {
        var request = ErasureRequest(customerIDs: [CustomerID(id) ?? .new()], before: .now)
        while true {
            let answer = try await self.erasures.erase(request, as: self.acting, deadline: .seconds(5))
            request.customerIDs += answer.customerIDs.filter { !request.customerIDs.contains($0) }
            request.marks += answer.marks
            guard case .goesOn(let cursor) = answer.state else {
                return ErasureAnswer(
                    .done,
                    customerIDs: try await self.known(request.customerIDs),
                    marks: request.marks
                )
            }
            request.cursor = cursor
        }
    }

    /// Those of whom customer-service knows something.
    private func known(_ ids: [CustomerID]) async throws -> [CustomerID] {
        var known: [CustomerID] = []
        for id in ids where (try? await self.erasures.subject(id, as: self.acting)) != nil { known.append(id) }
        return known
    }

    fileprivate func optOut(_ id: String) async throws {
        let body = #"{"channel":"sms","purpose":"marketing","status":"opted_out","source":"Ann","proof":"proof of it"}"#
        let answer = try await self(.PUT, "/customers/\(id)/consents", body)
        try #require(answer.status == 200, "\(answer)")
    }
}

extension RunningService {
    /// For marketing and for a receipt by SMS.
    fileprivate func verdicts(of address: Address, for orgID: OrgID) async throws -> [CustomerAPI.PolicyVerdict] {
        try await self.api.checkPolicy(
            [.marketing, .transactional].map { Self.check(address, orgID, .sms, $0) }
        )
    }

    fileprivate func verdict(
        of address: Address,
        for orgID: OrgID,
        on channel: Channel
    ) async throws -> CustomerAPI.PolicyVerdict? {
        try await self.api.checkPolicy([Self.check(address, orgID, channel, .transactional)]).first
    }

    private static func check(
        _ address: Address,
        _ orgID: OrgID,
        _ channel: Channel,
        _ category: Shared.Category
    ) -> CustomerAPI.PolicyCheck {
        CustomerAPI.PolicyCheck(
            orgID: orgID,
            messageID: .new(),
            customerID: nil,
            address: address,
            channel: channel,
            category: category,
            stage: .creation,
            rules: SendingRules(),
            at: .now
        )
    }
}
