import InternalAPI
import Postgres
import Shared

/// A service that keeps something of customers, in the order in which they are erased.
enum ErasurePart: String, Sendable, CaseIterable {
    case customers, conversations, messages, inbox

    var service: ServiceName {
        switch self {
        case .customers: .customerService
        case .conversations: .conversationService
        case .messages: .messagingService
        case .inbox: .inboundGateway
        }
    }

    /// Whose answers it needs: ids, and hashes of addresses.
    var needs: [ErasurePart] {
        switch self {
        case .customers: []
        case .conversations, .inbox: [.customers]
        case .messages: [.customers, .conversations]
        }
    }
}

/// The erasing of one customer: a row of `erasures`.
struct Erasure: Sendable {
    let orgID: OrgID
    let id: ID<Erasure>
    let customerID: CustomerID
    var customerIDs: [CustomerID]
    var conversationIDs: [ConversationID] = []
    var marks: [String] = []
    let actor: String
    let requestID: String?
    let createdAt: Timestamp
    /// When each part was done.
    var times: [ErasurePart: Timestamp] = [:]
    var finishedAt: Timestamp?
    var reappliedAt: Timestamp?
    var failures = 0
    var lastError: String?

    /// What is still to be done and can be done now.
    var open: [ErasurePart] {
        ErasurePart.allCases.filter { part in
            self.times[part] == nil && part.needs.allSatisfy { self.times[$0] != nil }
        }
    }

    /// Takes over what a service knows.
    mutating func learn(_ answer: ErasureAnswer) {
        self.customerIDs += answer.customerIDs.filter { !self.customerIDs.contains($0) }
        self.conversationIDs += answer.conversationIDs.filter { !self.conversationIDs.contains($0) }
        self.marks += answer.marks.filter { !self.marks.contains($0) }
    }

    /// As the public API shows it; `POST /orgs/{id}/erasures/reapply` takes it back.
    var json: JSONValue {
        let services = ErasurePart.allCases.map { part -> JSONValue in
            let doneAt = self.times[part]
            return .object(members: [
                ("service", .string(part.service.rawValue)), ("status", .string(doneAt == nil ? "running" : "done")),
                ("done_at", .text(doneAt)),
            ])
        }
        return .object(members: [
            ("id", .text(self.id)), ("org_id", .text(self.orgID)), ("customer_id", .text(self.customerID)),
            ("status", .string(self.finishedAt == nil ? "running" : "done")), ("services", .array(services)),
            ("requested_by", .string(self.actor)), ("created_at", .text(self.createdAt)),
            ("finished_at", .text(self.finishedAt)), ("reapplied_at", .text(self.reappliedAt)),
            ("last_error", .text(self.lastError)),
            ("customer_ids", .array(self.customerIDs.map { .text($0) })),
            ("conversation_ids", .array(self.conversationIDs.map { .text($0) })),
            ("address_marks", .array(self.marks.map { .string($0) })),
        ])
    }
}

extension Erasure {
    init(_ row: Row) throws {
        self.init(
            orgID: try row.get("org_id"),
            id: try row.get("id"),
            customerID: try row.get("customer_id"),
            customerIDs: try row.get("customer_ids"),
            conversationIDs: try row.get("conversation_ids"),
            marks: try row.get("address_marks"),
            actor: try row.get("actor"),
            requestID: try row.getIfPresent("request_id"),
            createdAt: try row.get("created_at"),
            finishedAt: try row.getIfPresent("finished_at"),
            reappliedAt: try row.getIfPresent("reapplied_at"),
            failures: try row.get("failures"),
            lastError: try row.getIfPresent("last_error")
        )
        for part in ErasurePart.allCases {
            self.times[part] = try row.getIfPresent("\(part.rawValue)_at", as: Timestamp.self)
        }
    }

    /// The most ids of a kind that a file gives one erasure.
    static let mostIDs = 10_000

    /// Reads one of a file that `herald customers erasures --json` wrote.
    init(_ fields: inout JSONFields, of orgID: OrgID) {
        let customerID = fields.requiredID("customer_id", of: Customer.self)
        if let owner = fields.id("org_id", of: Organization.self), owner != orgID {
            fields.violation(at: "org_id", "must be the organization of the path")
        }
        self.init(
            orgID: orgID,
            id: fields.requiredID("id", of: Erasure.self),
            customerID: customerID,
            customerIDs: fields.ids("customer_ids", of: Customer.self),
            conversationIDs: fields.ids("conversation_ids", of: Conversation.self),
            marks: fields.strings("address_marks", 0...Self.mostIDs, 1...100) ?? [],
            actor: fields.string("requested_by", 1...200) ?? OperatorRequestContext.actor,
            requestID: nil,
            createdAt: fields.requiredTimestamp("created_at")
        )
        if !self.customerIDs.contains(customerID) { self.customerIDs.append(customerID) }
        // What became of it where it was written.
        for name in ["status", "services", "finished_at", "reapplied_at", "last_error"] { _ = fields.value(name) }
    }
}

extension JSONFields {
    fileprivate mutating func ids<Entity>(_ name: String, of type: Entity.Type) -> [ID<Entity>] {
        let texts = self.strings(name, 0...Erasure.mostIDs, 36...36) ?? []
        let ids = texts.compactMap { ID<Entity>($0) }
        if ids.count != texts.count { self.violation(at: name, "must be ids") }
        return ids
    }
}
