-- When what they told of a customer was erased: the event as it was read, and its part of the webhook.
ALTER TABLE inbox_events ADD COLUMN erased_at timestamptz;
ALTER TABLE inbox_requests ADD COLUMN erased_at timestamptz;
