import AuditTrail
import Foundation
import HTTPService
import Postgres
import Shared

/// A consent as a tenant states it, valid by itself.
struct NewConsent: Sendable {
    let channel: Channel
    let purpose: ConsentPurpose
    let status: ConsentStatus
    let source: String
    let proof: String?

    /// Reads the body of `PUT /customers/{id}/consents`.
    ///
    /// - Throws: `Problem` `invalid-request` with every violation.
    init(_ body: JSONValue) throws(Problem) {
        var fields = JSONFields(body, at: "")
        self.init(&fields)
        try fields.finish()
    }

    /// Reads one of several; what is wrong is added to `fields`.
    init(_ fields: inout JSONFields) {
        self.channel = fields.requiredOneOf("channel", Channel.self)
        self.purpose = fields.requiredOneOf("purpose", ConsentPurpose.self)
        self.status = fields.requiredOneOf("status", ConsentStatus.self)
        self.source = fields.line("source", 1...200) ?? "api"
        self.proof = fields.string("proof", 1...2000)
    }
}

/// Records a consent that an organization states for a customer.
struct PutConsent: Sendable {
    let postgres: PostgresPool

    /// What is stated already is not recorded again, so that repeating it changes nothing.
    ///
    /// - Throws: `Problem` `not-found`.
    /// - Returns: what counts now.
    func callAsFunction(
        _ consent: NewConsent,
        of id: CustomerID,
        for context: OrgRequestContext
    ) async throws -> JSONValue {
        let orgID = context.orgID
        return try await self.postgres.transaction(for: [orgID]) { connection in
            let id = try CustomerStore.required(id, of: orgID, lock: .change, on: connection)
            let find = ConsentStore.find(consent.channel, consent.purpose, of: id, orgID)
            let counted = try connection.query(find).first
            if let counted, try consent.isStated(by: counted) { return try ConsentResource.current(counted) }
            let detail: JSONValue = [
                "act": "consent", "channel": .string(consent.channel.rawValue),
                "purpose": .string(consent.purpose.rawValue), "status": .string(consent.status.rawValue),
                "from": .text(try counted?.get("status", as: String.self)),
            ]
            let after: Timestamp? = try counted?.get("at")
            let results = try connection.pipeline([
                ConsentStore.record([consent.change(of: id, orgID, after: after)]),
                AuditStore.insert(AuditRecord(.updated, .customer, id, by: context, detail)), find,
            ])
            return try ConsentResource.current(results[2][0])
        }
    }
}

extension NewConsent {
    /// Whether `row` says the same already.
    fileprivate func isStated(by row: Row) throws(PostgresError) -> Bool {
        guard try row.get("status") == self.status, try row.get("source") == self.source else { return false }
        return try row.getIfPresent("proof") == self.proof
    }

    /// Said now, and so after all that was said before, whatever the clocks of others were.
    fileprivate func change(of id: CustomerID, _ orgID: OrgID, after earlier: Timestamp?) -> ConsentChange {
        self.change(of: id, orgID, at: max(.now, earlier.map { $0 + .microseconds(1) } ?? .epoch))
    }

    func change(of id: CustomerID, _ orgID: OrgID, at time: Timestamp) -> ConsentChange {
        ConsentChange(
            orgID: orgID,
            customerID: id,
            channel: self.channel,
            purpose: self.purpose,
            status: self.status,
            source: self.source,
            proof: self.proof,
            at: time,
            eventKey: UUID().uuidString,
            accountID: nil
        )
    }
}
