-- When what it said and to whom was erased; its states, times and counts stay.
ALTER TABLE messages ADD COLUMN erased_at timestamptz;

DROP VIEW message_states;
CREATE VIEW message_states WITH (security_invoker = true) AS
SELECT m.*, CASE WHEN o.state = 'leased' THEN 'sending'::message_status ELSE m.status END AS current_status
  FROM messages m
  LEFT JOIN outbox o ON o.org_id = m.org_id AND o.message_id = m.id;
GRANT SELECT ON message_states TO messaging;

-- Keys of events may hold their senders' numbers; hashes of them take their place.
GRANT UPDATE (event_key) ON inbound_events TO messaging;
CREATE INDEX inbound_events_of_message ON inbound_events (org_id, message_id);
-- Answers that tell of who was erased, and the keywords that they sent.
GRANT DELETE ON idempotency_keys, keyword_answers TO messaging;
