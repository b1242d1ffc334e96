import Foundation
import InternalAPI
import Logging
import MessagingService
import Postgres
import Secrets
import Shared
import TestSupport
import Testing

extension Trait where Self == DatabaseTrait {
    /// A messaging database of the test's own.
    static var messaging: Self {
        .database(migrations: MessagingMigrations.all, role: "messaging", extraRoles: ["messaging_engine"])
    }
}

/// The operations of messaging-service on the test's database, with the other services played by closures.
struct MessagingFixture: Sendable {
    let orgID = OrgID.new()
    let worker = MessagingAPI.WorkerIdentity(name: "worker-1", incarnation: 1)
    let due = DueWork()
    let postgres: PostgresPool
    let engine: PostgresPool
    let secrets: SecretBox
    let settle: SettleMessages
    let endLeases: EndLeases
    let lease: LeaseMessages
    let apply: ApplyReports
    let create: CreateMessages

    /// A worker has a message for `leaseTime`, and an uncertain one waits for `hold`.
    init(leaseTime: Duration = .seconds(60), hold: Duration = .seconds(120)) throws {
        self.postgres = PostgresPool(try PostgresConfig(url: TestDatabase.url), logger: .quiet)
        self.engine = PostgresPool(try PostgresConfig(url: TestDatabase.url(as: "messaging_engine")), logger: .quiet)
        let key = Data(repeating: 7, count: 32).base64EncodedString()
        self.secrets = SecretBox(masterKey: try MasterKey(base64: key))
        self.settle = SettleMessages(postgres: self.postgres, due: self.due, hold: hold)
        self.endLeases = EndLeases(engine: self.engine, settle: self.settle)
        self.lease = LeaseMessages(
            postgres: self.postgres,
            due: self.due,
            endLeases: self.endLeases,
            secrets: self.secrets,
            leaseTime: leaseTime,
            logger: .quiet
        )
        self.apply = ApplyReports(postgres: self.postgres, due: self.due, settle: self.settle)
        self.create = CreateMessages(
            postgres: self.postgres,
            prepare: PrepareMessages(
                accounts: ChooseAccounts(postgres: self.postgres, secrets: self.secrets),
                calls: .playedByTests
            ),
            due: self.due,
            notice: OutboxNotice(replica: "test")
        )
    }

    /// Creates one message for the sandbox, and returns its id.
    @discardableResult
    func send(
        _ json: String = #"{"to": "+15550000001", "channel": "sandbox", "body": "Hello"}"#,
        as orgID: OrgID? = nil
    ) async throws -> MessageID {
        let answer = try #require(await self.create([try self.request(json, as: orgID)]).first)
        return try Self.id(in: try answer.get())
    }

    func request(
        _ json: String,
        key: String? = nil,
        fingerprint: [UInt8] = [1],
        as orgID: OrgID? = nil
    ) throws -> CreateRequest {
        var fields = JSONFields(try JSONValue(parsing: Array(json.utf8)), at: "")
        let message = NewMessage(&fields, now: .now)
        try fields.finish()
        return CreateRequest(
            orgID: orgID ?? self.orgID,
            actor: "key:test",
            mode: .live,
            requestID: "request-1",
            message: message,
            idempotency: key.map { .init(key: $0, fingerprint: fingerprint) }
        )
    }

    static func id(in answer: CreateAnswer) throws -> MessageID {
        let value = try JSONValue(parsing: answer.body)
        return try #require(value["id"]?.string.flatMap { MessageID($0) })
    }

    /// Leases what is due now, without waiting.
    func leaseNow(slots: Int = 10, worker: MessagingAPI.WorkerIdentity? = nil) async throws -> [MessagingAPI.Lease] {
        try await self.lease(.init(worker: worker ?? self.worker, slots: slots, waitMilliseconds: 0)).leases
    }

    /// Tells the outcome of one attempt.
    func tell(_ outcome: SendOutcome, of lease: MessagingAPI.Lease) async throws {
        let told = MessagingAPI.AttemptOutcome(
            orgID: lease.orgID,
            reference: lease.reference,
            outcome: outcome,
            startedAt: .now,
            endedAt: .now
        )
        try await self.settle([AttemptEvent(told, by: self.worker)])
    }

    /// Reads one row of one organization.
    func row(_ sql: SQL, as orgID: OrgID? = nil) async throws -> Row {
        let rows = try await self.postgres.transaction(for: [orgID ?? self.orgID]) { connection in
            try connection.query(sql)
        }
        return try #require(rows.first)
    }

    func status(of id: MessageID) async throws -> MessageStatus {
        try await self.row("SELECT current_status FROM message_states WHERE id = \(id)").get("current_status")
    }

    func count(_ sql: SQL) async throws -> Int {
        try await self.row(sql).get("count")
    }
}

extension PrepareMessages.Calls {
    /// Everybody is a new customer with a new conversation.
    static var playedByTests: Self {
        .init(
            resolveCustomers: { items in
                items.map { item in
                    switch item {
                    case .address(_, let address): .found(.new(), address)
                    case .customer: .noSuchCustomer
                    }
                }
            },
            findConversations: { items in items.map { _ in nil } },
            resolveConversations: { items in items.map { _ in .new() } }
        )
    }
}
