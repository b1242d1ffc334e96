-- Every ending of every telephone number, so that a part of a number is the beginning of an ending: a range of an index.
-- An index on trigrams would serve no search here: under row-level security leakproof operators alone are asked of an index,
-- and LIKE is none.
CREATE TABLE phone_endings (
    org_id uuid NOT NULL,
    -- Of +14155550100 from 14155550100 down to 100.
    ending text COLLATE "C" NOT NULL,
    -- The number as it stands in identities.
    value  text NOT NULL,
    PRIMARY KEY (org_id, ending, value)
);

-- As in m0001: Postgres counts 1,000 rows of a new table, which then go; what it learned stays.
ALTER TABLE phone_endings ALTER COLUMN org_id SET (n_distinct = 1);
INSERT INTO phone_endings SELECT gen_random_uuid(), n::text, n::text FROM generate_series(1000, 1999) AS n;
ANALYZE phone_endings;
TRUNCATE phone_endings;

ALTER TABLE identities NO FORCE ROW LEVEL SECURITY;
INSERT INTO phone_endings (org_id, ending, value)
SELECT i.org_id, substr(i.value, p), i.value
  FROM identities i, generate_series(2, length(i.value) - 2) AS p
 WHERE i.kind = 'phone';
ALTER TABLE identities FORCE ROW LEVEL SECURITY;
DROP INDEX identity_phones;

ALTER TABLE phone_endings ENABLE ROW LEVEL SECURITY;
ALTER TABLE phone_endings FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations ON phone_endings TO customers
    USING (org_id = ANY (current_setting('app.org_ids')::uuid[]))
    WITH CHECK (org_id = ANY (current_setting('app.org_ids')::uuid[]));
GRANT SELECT, INSERT, DELETE ON phone_endings TO customers;

-- For all rows of a statement at once. They run as whoever gives and takes addresses, under the same policies.
CREATE FUNCTION add_phone_endings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO phone_endings (org_id, ending, value)
    SELECT i.org_id, substr(i.value, p), i.value
      FROM given i, generate_series(2, length(i.value) - 2) AS p
     WHERE i.kind = 'phone'
     ORDER BY 1, 2, 3;
    RETURN NULL;
END $$;
CREATE TRIGGER add_phone_endings AFTER INSERT ON identities
    REFERENCING NEW TABLE AS given FOR EACH STATEMENT EXECUTE FUNCTION add_phone_endings();

CREATE FUNCTION remove_phone_endings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM phone_endings e
     USING taken i, generate_series(2, length(i.value) - 2) AS p
     WHERE i.kind = 'phone' AND e.org_id = i.org_id AND e.ending = substr(i.value, p) AND e.value = i.value;
    RETURN NULL;
END $$;
CREATE TRIGGER remove_phone_endings AFTER DELETE ON identities
    REFERENCING OLD TABLE AS taken FOR EACH STATEMENT EXECUTE FUNCTION remove_phone_endings();
