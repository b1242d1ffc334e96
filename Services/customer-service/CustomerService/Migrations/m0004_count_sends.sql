-- What recipients were sent, as far as an organization's cap counts it; a message that was not sent after all leaves it.
CREATE TABLE sends (
    org_id      uuid        NOT NULL,
    message_id  uuid        NOT NULL,
    customer_id uuid        NOT NULL,
    -- By the organization's clock.
    at          timestamptz NOT NULL,
    PRIMARY KEY (org_id, message_id)
);
CREATE INDEX sends_of_customer ON sends (org_id, customer_id, at);
ALTER TABLE sends ALTER COLUMN org_id SET (n_distinct = 1);

ALTER TABLE sends ENABLE ROW LEVEL SECURITY;
ALTER TABLE sends FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations ON sends TO customers
    USING (org_id = ANY (current_setting('app.org_ids')::uuid[]))
    WITH CHECK (org_id = ANY (current_setting('app.org_ids')::uuid[]));
GRANT SELECT, INSERT, DELETE ON sends TO customers;
GRANT UPDATE (customer_id) ON sends TO customers;
