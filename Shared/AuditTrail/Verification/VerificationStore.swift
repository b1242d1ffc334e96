import Postgres
import Shared

/// The statements that compare a trail with its seals; each is one snapshot.
enum VerificationStore {
    /// How much is looked at in one step: so many lines, or so many small seals.
    static let (mostLines, mostSeals) = (5000, 200)
    /// Findings of one kind in a step; who changed more is found all the same.
    static let mostFindings = 100

    /// Numbers of the next seals, as many as fit into a step, and at least one.
    static func numbers(of orgID: OrgID, after number: Int) -> SQL {
        """
        SELECT number FROM (
            SELECT number, sum(cardinality(event_ids)) OVER (ORDER BY number) - cardinality(event_ids) AS before
              FROM (SELECT number, event_ids FROM audit_seals
                     WHERE org_id = \(orgID) AND number > \(number)::bigint ORDER BY number LIMIT \(Self.mostSeals)::int) AS s
        ) AS n WHERE before < \(Self.mostLines)::int ORDER BY number
        """
    }

    static func seals(of orgID: OrgID, _ numbers: ClosedRange<Int>) -> SQL {
        """
        SELECT * FROM audit_seals
         WHERE org_id = \(orgID) AND number BETWEEN \(numbers.lowerBound)::bigint AND \(numbers.upperBound)::bigint
         ORDER BY number
        """
    }

    static func head(of orgID: OrgID, number: Int) -> SQL {
        """
        SELECT number, hash, through_id, settled_at FROM audit_seals
         WHERE org_id = \(orgID) AND number = \(number)::bigint
        """
    }

    static func lines(of orgID: OrgID, _ ids: [ID<AuditEvent>]) -> SQL {
        "SELECT \(AuditLine.columns) FROM audit_events WHERE org_id = \(orgID) AND id = ANY (\(ids)::uuid[])"
    }

    /// Which of `ids` are lines that say who was erased.
    static func erasures(of orgID: OrgID, among ids: [ID<AuditEvent>]) -> SQL {
        "SELECT id FROM audit_events WHERE org_id = \(orgID) AND id = ANY (\(ids)::uuid[]) AND action = 'ERASED'"
    }

    /// Lines in the part of the trail that some seals are about, which neither have them nor wait.
    ///
    /// A line that was committed late has a later seal, which `sealedLater` finds.
    static func unknown(of orgID: OrgID, after: ID<AuditEvent>, seals: ClosedRange<Int>, through: ID<AuditEvent>) -> SQL
    {
        """
        SELECT id FROM audit_events WHERE org_id = \(orgID) AND id > \(after) AND id <= \(through)
        EXCEPT
        SELECT event_id FROM audit_unsealed WHERE org_id = \(orgID) AND event_id > \(after) AND event_id <= \(through)
        EXCEPT
        SELECT unnest(event_ids) FROM audit_seals
         WHERE org_id = \(orgID) AND number BETWEEN \(seals.lowerBound)::bigint AND \(seals.upperBound)::bigint
         ORDER BY 1
        """
    }

    static func sealedLater(_ ids: [ID<AuditEvent>], of orgID: OrgID, than number: Int) -> SQL {
        """
        SELECT event_id AS id FROM (
            SELECT unnest(event_ids) AS event_id FROM audit_seals
             WHERE org_id = \(orgID) AND number > \(number)::bigint AND first_id <= \(ids.max() ?? .first(at: .epoch))
        ) AS s WHERE event_id = ANY (\(ids)::uuid[])
        """
    }

    /// Lines behind the last seal that do not wait for the next one.
    static func strays(of orgID: OrgID) -> SQL {
        """
        SELECT e.id FROM audit_events e
         WHERE e.org_id = \(orgID)
           AND e.id > coalesce((SELECT through_id FROM audit_seals WHERE org_id = \(orgID) ORDER BY number DESC LIMIT 1),
                               '00000000-0000-0000-0000-000000000000')
           AND NOT EXISTS (SELECT FROM audit_unsealed u WHERE u.org_id = \(orgID) AND u.event_id = e.id)
         ORDER BY e.id LIMIT \(Self.mostFindings)::int
        """
    }

    /// Lines that wait to be sealed, and are gone.
    static func lost(of orgID: OrgID) -> SQL {
        """
        SELECT u.event_id AS id FROM audit_unsealed u
         WHERE u.org_id = \(orgID)
           AND NOT EXISTS (SELECT FROM audit_events e WHERE e.org_id = \(orgID) AND e.id = u.event_id)
         ORDER BY u.event_id LIMIT \(Self.mostFindings)::int
        """
    }

    static func waiting(of orgID: OrgID) -> SQL {
        "SELECT count(*) AS count FROM audit_unsealed WHERE org_id = \(orgID)"
    }
}
