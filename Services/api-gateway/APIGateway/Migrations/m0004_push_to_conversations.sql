-- Conversation-service is told of organizations too. `pushed` remains what messaging-service was told.
ALTER TABLE org_pushes
    ADD COLUMN pushed_to_conversations bigint NOT NULL DEFAULT 0,
    ADD CONSTRAINT org_push_to_conversations_of_a_version CHECK (pushed_to_conversations BETWEEN 0 AND version);
CREATE INDEX org_pushes_due_to_conversations ON org_pushes (org_id) WHERE pushed_to_conversations < version;
