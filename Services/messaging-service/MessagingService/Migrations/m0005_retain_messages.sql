-- The engine looks for organizations that keep their messages for a time only, whose policy m0004 has opened to it.
-- What leaves is then read, archived and removed under the scope of its organization.
GRANT SELECT (retention_days, retention_action) ON org_settings TO messaging_engine;
CREATE INDEX org_retention ON org_settings (org_id) WHERE retention_days IS NOT NULL;
