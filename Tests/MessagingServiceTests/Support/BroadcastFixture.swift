import InternalAPI
import NIOCore
import Postgres
import Secrets
import Shared
import TestSupport

@testable import MessagingService

/// The operations on broadcasts, with the customers of the test's choice.
struct BroadcastFixture: Sendable {
    let messaging: MessagingFixture
    private(set) var people: PlayedPeople
    private(set) var create: CreateBroadcast
    let change: ChangeBroadcast
    let dryRun: DryRunBroadcast
    private let calls: PrepareMessages.Calls

    init(people: PlayedPeople = PlayedPeople(), known: PlayedValues = PlayedValues()) throws {
        let messaging = try MessagingFixture(known: known)
        var calls = messaging.prepare.calls
        calls.resolveCustomers = { people.resolve($0) }
        self.messaging = messaging
        self.people = people
        self.calls = calls
        self.create = CreateBroadcast(
            postgres: messaging.postgres,
            accounts: messaging.prepare.accounts,
            templates: messaging.prepare.templates,
            askAudience: { people.audience($0) },
            fingerprint: Fingerprint(masterKeys: MasterKeys(try MasterKey(base64: MessagingFixture.masterKey))),
            now: OrgNow(postgres: messaging.postgres),
            wake: JobSignal()
        )
        self.change = ChangeBroadcast(
            postgres: messaging.postgres,
            startJob: StartJob(postgres: messaging.postgres, wake: JobSignal()),
            wake: JobSignal()
        )
        self.dryRun = DryRunBroadcast(create: self.create, dryRun: messaging.dryRun, calls: calls)
    }

    /// Plays on without a group.
    mutating func forget(_ group: ID<CustomerAPI.Audience.Group>) {
        self.people.unknownGroups.insert(group)
        self.create = CreateBroadcast(
            postgres: self.create.postgres,
            accounts: self.create.accounts,
            templates: self.create.templates,
            askAudience: { [people = self.people] in people.audience($0) },
            fingerprint: self.create.fingerprint,
            now: self.create.now,
            wake: self.create.wake
        )
    }

    /// Creates a broadcast on the sandbox channel of what `json` has besides.
    @discardableResult
    func broadcast(_ json: String, key: String? = nil) async throws -> ID<Broadcast> {
        let answer = try await self.answer(to: json, key: key)
        guard let id = answer.json["id"]?.string.flatMap({ ID<Broadcast>($0) }) else { throw Problem.internal }
        return id
    }

    func answer(to json: String, key: String? = nil) async throws -> (json: JSONValue, isReplay: Bool) {
        try await self.create(Self.bytes(of: json), key: key, for: self.messaging.acting, requestID: "r")
    }

    static func bytes(of json: String) throws -> ByteBuffer {
        guard case .object(var fields) = try JSONValue(parsing: json) else { return ByteBuffer(string: json) }
        if fields["name"] == nil { fields["name"] = "spring" }
        if fields["channel"] == nil { fields["channel"] = "sandbox" }
        if fields["body"] == nil, fields["template"] == nil { fields["body"] = "Sale" }
        return ByteBuffer(bytes: JSONValue.object(fields).bytes)
    }

    /// Another replica that works on broadcasts.
    func runner(_ name: String = "a", steps: Int = 16) -> RunBroadcasts {
        let postgres = self.messaging.postgres
        return RunBroadcasts(
            engine: self.messaging.engine,
            postgres: postgres,
            gather: GatherAudience(postgres: postgres, ask: self.create.askAudience, replica: name),
            expand: ExpandBroadcast(
                postgres: postgres,
                prepare: PrepareRecipients(
                    accounts: self.messaging.prepare.accounts,
                    calls: self.calls,
                    links: self.messaging.prepare.links
                ),
                due: self.messaging.due,
                notice: OutboxNotice(replica: name),
                replica: name
            ),
            finish: FinishBroadcast(postgres: postgres, replica: name),
            wakeMessages: WakeMessages(postgres: postgres),
            wake: JobSignal(),
            clock: ContinuousClock(),
            logger: .quiet,
            steps: steps
        )
    }

    /// Steps until there is nothing to do at the moment.
    func work(_ name: String = "a") async throws {
        let runner = self.runner(name)
        while try await runner.stepAll() {}
    }

    /// Makes every broadcast's next step due, as time does.
    func wait() async throws {
        try await self.messaging.rows("UPDATE broadcasts SET next_step_at = now()")
    }

    func find(_ id: ID<Broadcast>) async throws -> StoredBroadcast {
        let orgID = self.messaging.orgID
        let row = try await self.messaging.postgres.transaction(for: [orgID]) { connection in
            try connection.query(BroadcastStore.find(id, of: orgID)).first.map { try StoredBroadcast($0) }
        }
        guard let row else { throw Problem.notFound }
        return row
    }

    /// What became of each recipient, in order: its address, and its refusal.
    func outcomes(of id: ID<Broadcast>) async throws -> [String] {
        try await self.messaging.rows(
            "SELECT * FROM broadcast_recipients WHERE broadcast_id = \(id) ORDER BY number"
        ).map { row in
            let address: String? = try row.getIfPresent("address")
            let refusal: String? = try row.getIfPresent("refusal")
            let made = try row.getIfPresent("message_id", as: MessageID.self) == nil ? "pending" : "made"
            return "\(address ?? "-"): \(refusal ?? made)"
        }
    }

    /// What each message says, in the order of the recipients.
    func bodies(of id: ID<Broadcast>) async throws -> [String] {
        let orgID = self.messaging.orgID
        return try await self.messaging.postgres.transaction(for: [orgID]) { connection in
            let filter = MessageFilter(broadcastID: id)
            let messages = try MessageStore(orgID: orgID).list(filter, before: nil, limit: 200, on: connection)
            return messages.sorted { $0.address < $1.address }.map { $0.content["body"]?.string ?? "-" }
        }
    }
}

/// The customers that the played customer-service knows by their ids; whoever has an address is found by it.
struct PlayedPeople: Sendable {
    var addresses: [CustomerID: String] = [:]
    /// The newest first, as the service answers.
    var members: [CustomerID] = []
    var unknownGroups: Set<ID<CustomerAPI.Audience.Group>> = []
    var pageSize = Int.max

    /// Everybody wants everything.
    func resolve(_ questions: [CustomerAPI.Question]) -> [CustomerAPI.Answer] {
        questions.map { question in
            switch question.recipient {
            case .address(_, let address): .init(.found(.new(), address), verdict: .allowed)
            case .customer(_, let id, _):
                switch self.addresses[id] {
                case nil: .init(.noSuchCustomer)
                case ""?: .init(.noSuchAddress)
                case let address?:
                    .init(.found(id, Address(recipient: address, on: .sandbox)), verdict: .allowed)
                }
            }
        }
    }

    func audience(_ page: CustomerAPI.AudiencePage) -> CustomerAPI.AudienceAnswer {
        let rest =
            page.after.flatMap { self.members.firstIndex(of: $0) }.map { self.members[($0 + 1)...] }
            ?? self.members[...]
        return .init(
            customers: Array(rest.prefix(page.limit)),
            unknownGroups: page.audience.groups.filter { self.unknownGroups.contains($0) }
        )
    }
}
