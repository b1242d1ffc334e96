import APIGateway
import ConversationService
import CustomerService
import InboundGateway
import MessagingService
import Postgres
import TestSupport
import Testing

/// `deploy/citus` against the databases as the migrations leave them.
@Suite(.timeLimit(.minutes(5))) struct DistributionTests {
    @Test(.database(migrations: GatewayMigrations.all, role: "gateway"))
    func theGatewaysDatabaseCanBeSpread() async throws { #expect(try await Self.faults(in: "gateway") == []) }

    @Test(.database(migrations: InboundMigrations.all, role: "inbound"))
    func theInboxCanBeSpread() async throws { #expect(try await Self.faults(in: "inbound") == []) }

    @Test(.database(migrations: CustomerMigrations.all, role: "customers"))
    func theCustomersCanBeSpread() async throws { #expect(try await Self.faults(in: "customers") == []) }

    @Test(.database(migrations: ConversationMigrations.all, role: "conversations"))
    func theConversationsCanBeSpread() async throws { #expect(try await Self.faults(in: "conversations") == []) }

    @Test(.database(migrations: MessagingMigrations.all, role: "messaging", extraRoles: ["messaging_engine"]))
    func theMessagesCanBeSpread() async throws { #expect(try await Self.faults(in: "messaging") == []) }

    /// What the others rest on: each kind of fault is seen.
    @Test(.database(migrations: GatewayMigrations.all, role: "gateway"))
    func aPlanThatCitusWouldRefuseIsSeen() async throws {
        let faults = try await Self.faults(in: "gateway") { plan in
            plan.distributed.removeAll { $0.table == "orgs" || $0.table == "erasures" }
            plan.distributed[2].beside = "orgs"
            plan.distributed += [("orgs", plan.distributed[0].table), ("nothing", plan.distributed[0].table)]
            plan.distributed.append(("slug_directory", plan.distributed[0].table))
            plan.whole.removeAll { $0 == "slug_directory" }
        }
        #expect(
            faults == [
                "api_keys lies beside orgs, not none", "audit_events lies beside orgs, not api_keys",
                "audit_seals lies beside orgs, not api_keys", "audit_unsealed lies beside orgs, not api_keys",
                "erasures is not placed", "erasures_due lies beside orgs, not api_keys",
                "idempotency_keys lies beside orgs, not api_keys", "nothing is not there",
                "org_directory lies beside orgs, not api_keys", "org_pushes lies beside orgs, not api_keys",
                "rate_buckets lies beside orgs, not api_keys",
                "slug_directory has a key without org_id: slug_taken",
                "api_keys is placed before orgs, which key_org leads to",
            ]
        )
    }

    private static func faults(
        in database: String,
        after change: (inout DistributionPlan) -> Void = { _ in }
    ) async throws -> [String] {
        var plan = try DistributionPlan(of: database)
        change(&plan)
        let changed = plan
        return try await TestDatabase.connection.transaction { try changed.faults(on: $0) }
    }
}
