-- Messaging-service now keeps more of what organizations decided: their rules of sending, and whether they may send SMS.
-- So it is told of each once more, as of a change.
ALTER TABLE orgs NO FORCE ROW LEVEL SECURITY;
UPDATE orgs SET settings_version = settings_version + 1;
UPDATE org_pushes p SET version = o.settings_version FROM orgs o WHERE o.org_id = p.org_id;
ALTER TABLE orgs FORCE ROW LEVEL SECURITY;
