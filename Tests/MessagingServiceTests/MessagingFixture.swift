import Foundation
import InternalAPI
import Logging
import Postgres
import Secrets
import Shared
import TestSupport
import Testing

@testable import MessagingService

extension Trait where Self == DatabaseTrait {
    /// A messaging database of the test's own.
    static var messaging: Self {
        .database(migrations: MessagingMigrations.all, role: "messaging", extraRoles: ["messaging_engine"])
    }
}

/// The operations of messaging-service on the test's database, with the other services played by closures.
struct MessagingFixture: Sendable {
    /// Encoded, as the service reads it.
    static let masterKey = Data(repeating: 7, count: 32).base64EncodedString()

    let orgID = OrgID.new()
    /// Of a name that no other fixture of the test has: each counts its own questions.
    let worker = MessagingAPI.WorkerIdentity(name: "worker-\(OrgID.new())", incarnation: 1)
    let calls = LeaseCalls()
    /// Nobody rests in it: tests change limits, and look at once.
    let due = DueWork(longestRest: .zero)
    let postgres: PostgresPool
    let engine: PostgresPool
    let secrets: SecretBox
    let settle: SettleMessages
    let change: ChangeMessages
    let sweep: SweepQueue
    let endLeases: EndLeases
    let recoverWorker: RecoverWorker
    let lookUpFindings: LookUpFindings
    let mendLanes: MendLanes
    let lease: LeaseMessages
    let applyReports: ApplyReports
    let prepare: PrepareMessages
    let create: CreateMessages
    let receive: ReceiveMessages
    let matchReports: MatchReports
    let links: UnsubscribeLinks
    private let leaseTime: Duration

    /// A worker has a message for `leaseTime`, and an uncertain one waits for `hold`.
    init(
        leaseTime: Duration = .seconds(60),
        hold: Duration = .seconds(120),
        conversations: PlayedConversations = .eachNew,
        known: PlayedValues = PlayedValues(),
        checkPolicy: @escaping PolicyGate.Ask = { items in items.map { _ in .allowed } },
        // However quick a test is, what it changes between creation and lease counts.
        recent: RecentVerdicts? = nil
    ) throws {
        self.leaseTime = leaseTime
        self.postgres = PostgresPool(try PostgresConfig.test(), logger: .quiet)
        self.engine = PostgresPool(try .test(url: TestDatabase.url(as: "messaging_engine")), logger: .quiet)
        let masterKeys = MasterKeys(try MasterKey(base64: Self.masterKey))
        self.secrets = SecretBox(masterKeys: masterKeys)
        self.links = UnsubscribeLinks(masterKeys: masterKeys, publicURL: "https://in.example.com")
        self.settle = SettleMessages(postgres: self.postgres, due: self.due, holding: .init(hold: hold))
        self.change = ChangeMessages(postgres: self.postgres, due: self.due, logger: .quiet)
        self.sweep = SweepQueue(engine: self.engine, change: self.change)
        self.endLeases = EndLeases(engine: self.engine, settle: self.settle, pace: SharedPace(free: .seconds(600)))
        self.recoverWorker = RecoverWorker(engine: self.engine, postgres: self.postgres, settle: self.settle)
        self.lookUpFindings = LookUpFindings(postgres: self.postgres, settle: self.settle)
        self.mendLanes = MendLanes(engine: self.engine, postgres: self.postgres, due: self.due)
        self.lease = LeaseMessages(
            postgres: self.postgres,
            engine: self.engine,
            due: self.due,
            settle: self.settle,
            secrets: self.secrets,
            policy: checkPolicy,
            recent: recent ?? RecentVerdicts(),
            links: self.links,
            leaseTime: leaseTime,
            // However slow the machine is, claims look at everything: tests move rows back in time.
            dear: .seconds(600),
            logger: .quiet
        )
        self.applyReports = ApplyReports(postgres: self.postgres, due: self.due, settle: self.settle)
        self.prepare = PrepareMessages(
            accounts: ChooseAccounts(postgres: self.postgres, secrets: self.secrets),
            calls: .playedByTests(conversations, known: known, checkPolicy: checkPolicy),
            links: self.links
        )
        self.create = CreateMessages(
            postgres: self.postgres,
            prepare: self.prepare,
            due: self.due,
            notice: OutboxNotice(replica: "test"),
            recent: recent ?? RecentVerdicts()
        )
        self.receive = ReceiveMessages(
            postgres: self.postgres,
            secrets: self.secrets,
            due: self.due,
            notice: OutboxNotice(replica: "test")
        )
        self.matchReports = MatchReports(
            engine: self.engine,
            postgres: self.postgres,
            due: self.due,
            settle: self.settle
        )
    }

    /// Applies reports, and returns what became of each.
    func apply(_ reports: [MessagingAPI.AccountReport]) async throws -> [MessagingAPI.ReportEffect] {
        try await self.applyReports(reports).effects
    }

    /// Another replica of the service on the same database: it has a walk of its own.
    func replica(longestRest: Duration = .zero) -> (due: DueWork, lease: LeaseMessages) {
        let due = DueWork(longestRest: longestRest)
        let settle = SettleMessages(postgres: self.postgres, due: due, holding: self.settle.holding)
        let lease = LeaseMessages(
            postgres: self.postgres,
            engine: self.engine,
            due: due,
            settle: settle,
            secrets: self.secrets,
            policy: { items in items.map { _ in .allowed } },
            links: self.links,
            leaseTime: self.leaseTime,
            // However slow the machine is, claims look at everything: tests move rows back in time.
            dear: .seconds(600),
            logger: .quiet
        )
        return (due, lease)
    }

    /// Creates one message for the sandbox, and returns its id.
    @discardableResult
    func send(
        _ json: String = #"{"to": "+15550000001", "channel": "sandbox", "body": "Hello"}"#,
        as orgID: OrgID? = nil
    ) async throws -> MessageID {
        try await self.create(try self.request(json, as: orgID))
    }

    /// The same of a text, a recipient, and what else the message has.
    @discardableResult
    func send(_ body: String, to recipient: String, _ fields: JSONObject = [:]) async throws -> MessageID {
        try await self.create(try self.request(Self.message(body, to: recipient, fields)))
    }

    static func message(_ body: String, to recipient: String, _ fields: JSONObject = [:]) -> JSONValue {
        var message: JSONObject = ["to": .string(recipient), "channel": "sandbox", "body": .string(body)]
        for field in fields.members { message[field.name] = field.value }
        return .object(message)
    }

    /// Creates `count` messages in one batch, each to somebody else.
    @discardableResult
    func sendBatch(_ count: Int, _ fields: JSONObject = [:]) async throws -> [MessageID] {
        let requests = try (0..<count).map { number in
            try self.request(Self.message("Message \(number)", to: "+1555\(1_000_000 + number)", fields))
        }
        return try await self.create(requests).map { try Self.id(in: try $0.get()) }
    }

    private func create(_ request: CreateRequest) async throws -> MessageID {
        let answer = try #require(await self.create([request]).first)
        return try Self.id(in: try answer.get())
    }

    func request(
        _ json: String,
        key: String? = nil,
        fingerprint: [UInt8] = [1],
        as orgID: OrgID? = nil
    ) throws -> CreateRequest {
        try self.request(try JSONValue(parsing: Array(json.utf8)), key: key, fingerprint: fingerprint, as: orgID)
    }

    func request(
        _ json: JSONValue,
        key: String? = nil,
        fingerprint: [UInt8] = [1],
        as orgID: OrgID? = nil
    ) throws -> CreateRequest {
        try Self.request(json, key: key, fingerprint: fingerprint, of: orgID ?? self.orgID)
    }

    static func request(
        _ json: JSONValue,
        key: String? = nil,
        fingerprint: [UInt8] = [1],
        of orgID: OrgID
    ) throws -> CreateRequest {
        var fields = JSONFields(json, at: "")
        let message = NewMessage(&fields, now: .now, region: nil)
        try fields.finish()
        return CreateRequest(
            orgID: orgID,
            actor: "key:test",
            mode: .live,
            requestID: "request-1",
            message: message,
            idempotency: key.map { .init(key: $0, fingerprint: RequestFingerprint(fingerprint)) }
        )
    }

    static func id(in answer: CreateAnswer) throws -> MessageID {
        let value = try JSONValue(parsing: answer.body)
        return try #require(value["id"]?.string.flatMap { MessageID($0) })
    }
}
