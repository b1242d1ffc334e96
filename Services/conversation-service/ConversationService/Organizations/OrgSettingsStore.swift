import InternalAPI
import Postgres
import Shared

/// The statements on the table `org_settings`; an organization that has not been told of has the standards.
enum OrgSettingsStore {
    /// Takes over what was pushed, unless something newer is there already.
    static func put(_ orgs: [OrgSettingsRequest.Org]) -> SQL {
        let settings = orgs.map { OrgSettings(stored: $0.settings) }
        return """
            INSERT INTO org_settings AS s (org_id, version, reopens_on_message)
            SELECT org_id, version, reopens_on_message
              FROM unnest(
                \(orgs.map(\.orgID))::uuid[], \(orgs.map(\.version))::bigint[],
                \(settings.map(\.reopensOnMessage))::boolean[]
              ) AS r (org_id, version, reopens_on_message)
             ORDER BY org_id
            ON CONFLICT (org_id) DO UPDATE SET
                version = excluded.version, reopens_on_message = excluded.reopens_on_message
             WHERE s.version < excluded.version
            """
    }
}
