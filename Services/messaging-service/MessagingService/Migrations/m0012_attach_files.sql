-- The files of outgoing emails, apart from what is read whenever a message is; they go with their message.
CREATE TABLE message_attachments (
    org_id       uuid     NOT NULL,
    message_id   uuid     NOT NULL,
    -- Their order in the message, from 0.
    position     smallint NOT NULL CONSTRAINT attachment_position CHECK (position BETWEEN 0 AND 19),
    filename     text     NOT NULL CONSTRAINT attachment_filename_length CHECK (char_length(filename) BETWEEN 1 AND 200),
    content_type text     NOT NULL CONSTRAINT attachment_type_length CHECK (octet_length(content_type) BETWEEN 3 AND 127),
    content      bytea    NOT NULL CONSTRAINT attachment_content_length CHECK (octet_length(content) BETWEEN 1 AND 10485760),
    PRIMARY KEY (org_id, message_id, position),
    CONSTRAINT attachment_message FOREIGN KEY (org_id, message_id) REFERENCES messages (org_id, id) ON DELETE CASCADE
);
-- Documents and pictures are compressed already.
ALTER TABLE message_attachments ALTER COLUMN content SET STORAGE EXTERNAL;
-- Until Postgres first counts the rows it would take the organization alone to identify one.
ALTER TABLE message_attachments ALTER COLUMN org_id SET (n_distinct = 1);

ALTER TABLE message_attachments ENABLE ROW LEVEL SECURITY;
ALTER TABLE message_attachments FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations ON message_attachments TO messaging
    USING (org_id = ANY (current_setting('app.org_ids')::uuid[]))
    WITH CHECK (org_id = ANY (current_setting('app.org_ids')::uuid[]));
GRANT SELECT, INSERT, DELETE ON message_attachments TO messaging;
