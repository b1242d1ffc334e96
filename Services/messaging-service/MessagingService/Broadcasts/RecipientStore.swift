import Postgres
import Shared

/// A recipient of a broadcast, before its message is made.
struct StoredRecipient: Sendable {
    let number: Int
    let address: String?
    let customerID: CustomerID?
    let parameters: [String: String]
    /// Why it gets none; of those that were refused from the beginning.
    let refusal: String?

    init(_ row: Row) throws {
        self.number = try row.get("number")
        self.address = try row.getIfPresent("address")
        self.customerID = try row.getIfPresent("customer_id")
        self.parameters = try [String: String](storedParameters: try row.getIfPresent("parameters"))
        self.refusal = try row.getIfPresent("refusal")
    }
}

/// What became of a recipient.
struct RecipientOutcome: Sendable {
    let number: Int
    /// Where a customer is reached; nil where it stands there already.
    var address: String?
    var messageID: MessageID?
    var refusal: String?
}

/// The statements on the table `broadcast_recipients`.
enum RecipientStore {
    /// Rows of one statement: long enough that its costs are those of the rows, and short enough to be sent in pieces.
    static let slice = 5000

    /// Writes the recipients that were named one by one, in slices.
    static func insert(_ recipients: NewRecipients, of id: ID<Broadcast>, _ orgID: OrgID) -> [SQL] {
        stride(from: 0, to: recipients.count, by: Self.slice).map { start in
            let range = start..<min(start + Self.slice, recipients.count)
            return """
                INSERT INTO broadcast_recipients (org_id, broadcast_id, number, address, customer_id, parameters, refusal)
                SELECT \(orgID), \(id), \(start)::int + r.place, address, customer_id, parameters::json, refusal
                  FROM unnest(
                    \(Array(recipients.addresses[range]))::text[], \(Array(recipients.customers[range]))::uuid[],
                    \(Array(recipients.parameters[range]))::text[], \(Array(recipients.refusals[range]))::text[]
                  ) WITH ORDINALITY AS r (address, customer_id, parameters, refusal, place)
                """
        }
    }

    /// Which of these customers are recipients already.
    static func known(_ customers: [CustomerID], among broadcast: StoredBroadcast) -> SQL {
        """
        SELECT customer_id FROM broadcast_recipients
         WHERE org_id = \(broadcast.orgID) AND broadcast_id = \(broadcast.id) AND customer_id = ANY (\(customers)::uuid[])
        """
    }

    /// Writes customers of the audience, whose numbers follow those that are there.
    static func append(_ customers: [CustomerID], to broadcast: StoredBroadcast) -> SQL {
        """
        INSERT INTO broadcast_recipients (org_id, broadcast_id, number, customer_id)
        SELECT \(broadcast.orgID), \(broadcast.id), \(broadcast.counts.recipients)::int + r.place, r.customer_id
          FROM unnest(\(customers)::uuid[]) WITH ORDINALITY AS r (customer_id, place)
        """
    }

    /// The next ones, in their order.
    static func next(of broadcast: StoredBroadcast, after number: Int, limit: Int) -> SQL {
        """
        SELECT number, address, customer_id, parameters, refusal FROM broadcast_recipients
         WHERE org_id = \(broadcast.orgID) AND broadcast_id = \(broadcast.id) AND number > \(number)
         ORDER BY number LIMIT \(limit)::int
        """
    }

    /// Addresses of these that are another recipient's.
    static func taken(_ addresses: [String], in broadcast: StoredBroadcast) -> SQL {
        """
        SELECT address FROM broadcast_recipients
         WHERE org_id = \(broadcast.orgID) AND broadcast_id = \(broadcast.id) AND address = ANY (\(addresses)::text[])
           AND refusal IS NULL
        """
    }

    /// The whole key comes with each row: of a broadcast named once Postgres would read all recipients for each of them.
    static func save(_ outcomes: [RecipientOutcome], of broadcast: StoredBroadcast) -> SQL {
        """
        UPDATE broadcast_recipients b SET
            message_id = r.message_id, refusal = r.refusal, address = coalesce(r.address, b.address)
          FROM unnest(
            \(outcomes.map { _ in broadcast.orgID })::uuid[], \(outcomes.map { _ in broadcast.id })::uuid[],
            \(outcomes.map(\.number))::int[], \(outcomes.map(\.address))::text[], \(outcomes.map(\.messageID))::uuid[],
            \(outcomes.map(\.refusal))::text[]
          ) AS r (org_id, broadcast_id, number, address, message_id, refusal)
         WHERE b.org_id = r.org_id AND b.broadcast_id = r.broadcast_id AND b.number = r.number
        """
    }

    /// One page of recipients with the messages that were made for them.
    static func list(
        of id: ID<Broadcast>,
        _ orgID: OrgID,
        only outcome: RecipientState?,
        after number: Int,
        limit: Int
    ) -> SQL {
        let condition: SQL =
            switch outcome {
            case nil: ""
            case .pending?: "AND r.message_id IS NULL AND r.refusal IS NULL"
            case .made?: "AND r.message_id IS NOT NULL"
            case .refused?: "AND r.refusal IS NOT NULL"
            }
        return """
            SELECT r.*, m.current_status, m.error_code FROM (
                SELECT r.number, r.address, r.customer_id, r.parameters, r.message_id, r.refusal FROM broadcast_recipients r
                 WHERE r.org_id = \(orgID) AND r.broadcast_id = \(id) AND r.number > \(number) \(condition)
                 ORDER BY r.number LIMIT \(limit)::int
              ) r LEFT JOIN message_states m ON m.org_id = \(orgID) AND m.id = r.message_id
             ORDER BY r.number
            """
    }
}

/// How far it is with one recipient.
enum RecipientState: String, Sendable, CaseIterable {
    /// The message is still to be made.
    case pending
    case made
    /// There is none, for a reason that stands there.
    case refused
}
