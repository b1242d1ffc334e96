ALTER TABLE org_settings
    -- Whether an operator has verified the organization, so that it may send SMS.
    ADD COLUMN sms_verified boolean NOT NULL DEFAULT false,
    -- What may be sent to one recipient, and when; NULL for the ordinary rules.
    ADD COLUMN rules json;

-- Goes whatever its recipient said before: the confirmation of a keyword.
ALTER TABLE messages ADD COLUMN is_exempt boolean NOT NULL DEFAULT false;

DROP VIEW message_states;
CREATE VIEW message_states WITH (security_invoker = true) AS
SELECT m.*, CASE WHEN o.state = 'leased' THEN 'sending'::message_status ELSE m.status END AS current_status
  FROM messages m
  LEFT JOIN outbox o ON o.org_id = m.org_id AND o.message_id = m.id;
GRANT SELECT ON message_states TO messaging;

-- Messages that came to an end without being sent, after customer-service may have counted them: it is told, and they go.
CREATE TABLE unsent_messages (
    org_id     uuid NOT NULL,
    message_id uuid NOT NULL,
    PRIMARY KEY (org_id, message_id)
);
ALTER TABLE unsent_messages ALTER COLUMN org_id SET (n_distinct = 1);
ALTER TABLE unsent_messages ENABLE ROW LEVEL SECURITY;
ALTER TABLE unsent_messages FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations ON unsent_messages TO messaging
    USING (org_id = ANY (current_setting('app.org_ids')::uuid[]))
    WITH CHECK (org_id = ANY (current_setting('app.org_ids')::uuid[]));
GRANT SELECT, INSERT ON unsent_messages TO messaging;
CREATE POLICY engine_reads ON unsent_messages FOR SELECT TO messaging_engine USING (true);
CREATE POLICY engine_deletes ON unsent_messages FOR DELETE TO messaging_engine USING (true);
GRANT SELECT, DELETE ON unsent_messages TO messaging_engine;
