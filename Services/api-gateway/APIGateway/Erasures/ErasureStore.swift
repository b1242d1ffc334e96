import Postgres
import Shared

/// Names an erasure whosever it is.
struct ErasureKey: Sendable, Hashable {
    let orgID: OrgID
    let id: ID<Erasure>
}

/// The statements on `erasures`, for one organization.
struct ErasureStore: Sendable {
    let orgID: OrgID

    /// The erasure of a customer, under any id they had.
    func find(_ customerID: CustomerID) -> SQL {
        """
        SELECT * FROM erasures
         WHERE org_id = \(self.orgID) AND (customer_id = \(customerID) OR \(customerID) = ANY (customer_ids)) LIMIT 1
        """
    }

    func get(_ id: ID<Erasure>) -> SQL {
        "SELECT * FROM erasures WHERE org_id = \(self.orgID) AND id = \(id)"
    }

    /// One page, the newest first; with `isRunning` only those that are, or are not.
    func list(
        isRunning: Bool?,
        customerID: CustomerID?,
        before cursor: ID<Erasure>?,
        limit: Int
    ) -> SQL {
        """
        SELECT * FROM erasures
         WHERE org_id = \(self.orgID) AND (\(cursor)::uuid IS NULL OR id < \(cursor))
           AND (\(isRunning)::boolean IS NULL OR (finished_at IS NULL) = \(isRunning))
           AND (\(customerID)::uuid IS NULL OR \(customerID) = ANY (customer_ids))
         ORDER BY id DESC LIMIT \(limit)::int
        """
    }

    /// Adds what is to be erased; no row where the customer has an erasure already.
    func insert(_ erasure: Erasure) -> SQL {
        """
        INSERT INTO erasures (org_id, id, customer_id, customer_ids, conversation_ids, address_marks, actor, request_id,
                              created_at)
        VALUES (\(self.orgID), \(erasure.id), \(erasure.customerID), \(erasure.customerIDs)::uuid[],
                \(erasure.conversationIDs)::uuid[], \(erasure.marks)::text[], \(erasure.actor), \(erasure.requestID),
                \(erasure.createdAt))
        ON CONFLICT DO NOTHING
        RETURNING *
        """
    }

    /// Writes how far it is.
    func save(_ erasure: Erasure) -> SQL {
        """
        UPDATE erasures
           SET customer_ids = \(erasure.customerIDs)::uuid[], conversation_ids = \(erasure.conversationIDs)::uuid[],
               address_marks = \(erasure.marks)::text[], customers_at = \(erasure.times[.customers]),
               conversations_at = \(erasure.times[.conversations]), messages_at = \(erasure.times[.messages]),
               inbox_at = \(erasure.times[.inbox]), finished_at = \(erasure.finishedAt), failures = \(erasure.failures)::int,
               last_error = \(erasure.lastError)
         WHERE org_id = \(self.orgID) AND id = \(erasure.id)
        """
    }

    /// Adds what a file knows of an erasure that may be known here, too.
    func merge(_ erasure: Erasure) -> SQL {
        """
        UPDATE erasures
           SET customer_ids = customer_ids || ARRAY(
                   SELECT id FROM unnest(\(erasure.customerIDs)::uuid[]) WITH ORDINALITY AS r (id, place)
                    WHERE id <> ALL (customer_ids) ORDER BY place),
               conversation_ids = conversation_ids || ARRAY(
                   SELECT id FROM unnest(\(erasure.conversationIDs)::uuid[]) WITH ORDINALITY AS r (id, place)
                    WHERE id <> ALL (conversation_ids) ORDER BY place),
               address_marks = address_marks || ARRAY(
                   SELECT mark FROM unnest(\(erasure.marks)::text[]) WITH ORDINALITY AS r (mark, place)
                    WHERE mark <> ALL (address_marks) ORDER BY place)
         WHERE org_id = \(self.orgID) AND (id = \(erasure.id) OR customer_id = \(erasure.customerID))
        RETURNING erasures.id
        """
    }

    /// Begins erasures anew, all of them or those of `ids`; answers which.
    func reapply(_ ids: [ID<Erasure>]?) -> SQL {
        """
        UPDATE erasures
           SET customers_at = NULL, conversations_at = NULL, messages_at = NULL, inbox_at = NULL, finished_at = NULL,
               reapplied_at = now(), failures = 0, last_error = NULL
         WHERE org_id = \(self.orgID) AND (\(ids)::uuid[] IS NULL OR id = ANY (\(ids)::uuid[]))
        RETURNING id
        """
    }
}

/// The statements on `erasures_due`, which holds ids and times only, and lies outside row-level security.
enum DueErasures {
    /// For how long an erasure belongs to who took it: longer than any of its calls.
    static let lease: Duration = .seconds(60)

    /// Has them looked at after a while.
    static func put(_ keys: [ErasureKey], after pause: Duration) -> SQL {
        """
        INSERT INTO erasures_due (org_id, erasure_id, due_at)
        SELECT org_id, id, clock_timestamp() + \(Int(pause.milliseconds))::bigint * interval '1 millisecond'
          FROM unnest(\(keys.map(\.orgID))::uuid[], \(keys.map(\.id))::uuid[]) AS r (org_id, id) ORDER BY 1, 2
        ON CONFLICT (org_id, erasure_id) DO UPDATE SET due_at = excluded.due_at
        """
    }

    static func remove(_ key: ErasureKey) -> SQL {
        "DELETE FROM erasures_due WHERE org_id = \(key.orgID) AND erasure_id = \(key.id)"
    }

    /// Takes the one that has been due for longest; nobody else gets it until the lease ends.
    static func take() -> SQL {
        """
        UPDATE erasures_due d
           SET due_at = clock_timestamp() + \(Int(Self.lease.milliseconds))::bigint * interval '1 millisecond'
          FROM (SELECT org_id, erasure_id FROM erasures_due WHERE due_at <= clock_timestamp()
                 ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED) AS due
         WHERE d.org_id = due.org_id AND d.erasure_id = due.erasure_id
        RETURNING d.org_id, d.erasure_id
        """
    }
}
