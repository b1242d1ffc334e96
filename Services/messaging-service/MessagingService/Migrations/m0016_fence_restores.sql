-- A database that was restored has forgotten what was sent since: nothing is sent until that is reconciled.
ALTER TABLE engine_state
    -- Another one after each restore; workers keep it beside their journals.
    ADD COLUMN epoch         uuid NOT NULL DEFAULT gen_random_uuid(),
    -- Those before it: a worker that was away during a restore remembers one of them.
    ADD COLUMN past_epochs   uuid[] NOT NULL DEFAULT '{}',
    ADD COLUMN fenced_at     timestamptz,
    -- 'restored' by deploy/restore; 'went-back' where a worker remembers more heartbeats than this database;
    -- 'another-database' where it remembers an epoch that this one never had.
    ADD COLUMN fence_reason  text
        CONSTRAINT engine_fence_reason CHECK (fence_reason IN ('restored', 'went-back', 'another-database')),
    -- What was sent since may be missing; kept after the fence is open, for workers that come back later.
    ADD COLUMN restored_to   timestamptz,
    ADD COLUMN reconciled_at timestamptz,
    ADD COLUMN reconciled_by text,
    ADD CONSTRAINT engine_fence CHECK ((fenced_at IS NULL) = (fence_reason IS NULL));

-- Heartbeats that were counted: the worker remembers how many were answered.
ALTER TABLE workers
    ADD COLUMN beats         bigint      NOT NULL DEFAULT 0,
    -- Whoever is here was here before all that is still to come.
    ADD COLUMN first_seen_at timestamptz NOT NULL DEFAULT '-infinity';
ALTER TABLE workers ALTER COLUMN first_seen_at SET DEFAULT now();

-- Whose journal was told to the database of which epoch; belongs to no organization.
CREATE TABLE replayed_journals (
    epoch        uuid        NOT NULL,
    worker       text        NOT NULL,
    -- From then on every attempt that may have left is in it; NULL where there is nothing to rely on.
    covers_since timestamptz,
    attempts     bigint      NOT NULL DEFAULT 0,
    -- Those that this database had forgotten, and those of messages that it never had.
    learned      bigint      NOT NULL DEFAULT 0,
    unknown      bigint      NOT NULL DEFAULT 0,
    -- Whether all of it was told.
    is_told      boolean     NOT NULL DEFAULT false,
    updated_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (epoch, worker)
);
GRANT SELECT, INSERT, UPDATE ON replayed_journals TO messaging;

-- What is found of every organization: broadcasts whose messages are not all made, and whether anything may be sent.
GRANT SELECT (cursor, recipients, is_gathered) ON broadcasts TO messaging_engine;
GRANT SELECT (epoch, fenced_at, restored_to) ON engine_state TO messaging_engine;
