import Postgres
import Shared

/// The statements on the table `jobs`, and those that find the messages that a job means.
enum JobStore {
    /// Ids that are looked at in one transaction.
    static let window = ChangeMessages.batch

    static func insert(_ job: Job) -> SQL {
        """
        INSERT INTO jobs (org_id, id, action, filter, actor, request_id, last_id, total)
        VALUES (\(job.orgID), \(job.id), \(job.action), \(job.filter.json.text)::json, \(job.actor), \(job.requestID),
                \(job.lastID), \(job.total))
        """
    }

    static func find(_ id: ID<Job>, of orgID: OrgID) -> SQL {
        "SELECT * FROM jobs WHERE org_id = \(orgID) AND id = \(id)"
    }

    /// One page, newest first.
    static func list(of orgID: OrgID, before cursor: ID<Job>?, limit: Int) -> SQL {
        """
        SELECT * FROM jobs WHERE org_id = \(orgID) AND (\(cursor)::uuid IS NULL OR id < \(cursor))
         ORDER BY id DESC LIMIT \(limit)::int
        """
    }

    /// Takes a job for a while, unless another replica has it; no row then.
    static func take(_ id: ID<Job>, of orgID: OrgID, by replica: String) -> SQL {
        """
        UPDATE jobs SET taken_by = \(replica), taken_until = clock_timestamp() + interval '30 seconds'
         WHERE org_id = \(orgID) AND id = \(id) AND finished_at IS NULL
           AND (taken_until IS NULL OR taken_until < clock_timestamp() OR taken_by = \(replica))
        RETURNING *
        """
    }

    /// Writes progress, unless another replica got further meanwhile; a row when it was written.
    static func advance(
        _ job: Job,
        to cursor: MessageID?,
        changed: Int,
        refused: Int,
        by replica: String
    ) -> SQL {
        """
        UPDATE jobs SET
            cursor_id = coalesce(\(cursor), cursor_id), processed = processed + \(changed + refused)::int,
            changed = changed + \(changed)::int, refused = refused + \(refused)::int, updated_at = clock_timestamp(),
            finished_at = CASE WHEN \(cursor)::uuid IS NULL THEN clock_timestamp() END,
            total = CASE WHEN \(cursor)::uuid IS NULL THEN processed + \(changed + refused)::int ELSE total END
         WHERE org_id = \(job.orgID) AND id = \(job.id) AND finished_at IS NULL AND taken_by = \(replica)
           AND cursor_id IS NOT DISTINCT FROM \(job.cursor)
        RETURNING 1
        """
    }
}
