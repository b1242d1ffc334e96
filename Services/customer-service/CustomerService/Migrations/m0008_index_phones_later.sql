-- The endings of a number are nine rows beside its one, and most numbers are never searched for by a part. So a statement
-- that brings numbers notes them in one row, and they come into phone_endings after the first search that asks for a part.
CREATE TABLE new_phones (
    org_id uuid   NOT NULL,
    id     uuid   NOT NULL DEFAULT gen_random_uuid(),
    -- Numbers that have no endings yet.
    phones text[] NOT NULL,
    PRIMARY KEY (org_id, id)
);

-- As in m0001: Postgres counts 1,000 rows of a new table, which then go; what it learned stays.
ALTER TABLE new_phones ALTER COLUMN org_id SET (n_distinct = 1);
INSERT INTO new_phones (org_id, phones) SELECT gen_random_uuid(), ARRAY[n::text] FROM generate_series(1000, 1999) AS n;
ANALYZE new_phones;
TRUNCATE new_phones;

ALTER TABLE new_phones ENABLE ROW LEVEL SECURITY;
ALTER TABLE new_phones FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations ON new_phones TO customers
    USING (org_id = ANY (current_setting('app.org_ids')::uuid[]))
    WITH CHECK (org_id = ANY (current_setting('app.org_ids')::uuid[]));
GRANT SELECT, INSERT, UPDATE, DELETE ON new_phones TO customers;

DROP TRIGGER add_phone_endings ON identities;
DROP FUNCTION add_phone_endings();
CREATE FUNCTION note_new_phones() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO new_phones (org_id, phones)
    SELECT i.org_id, array_agg(i.value) FROM given i WHERE i.kind = 'phone' GROUP BY i.org_id;
    RETURN NULL;
END $$;
CREATE TRIGGER note_new_phones AFTER INSERT ON identities
    REFERENCING NEW TABLE AS given FOR EACH STATEMENT EXECUTE FUNCTION note_new_phones();

-- A number that goes leaves no trace, whether it has its endings or waits for them. Who gives numbers their endings holds
-- the numbers meanwhile, so that the second statement sees all of a number whose endings are being made.
CREATE OR REPLACE FUNCTION remove_phone_endings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE new_phones n
       SET phones = ARRAY(
               SELECT p FROM unnest(n.phones) AS p
                WHERE NOT EXISTS (SELECT FROM taken i WHERE i.org_id = n.org_id AND i.value = p AND i.kind = 'phone')
           )
     WHERE n.org_id IN (SELECT i.org_id FROM taken i WHERE i.kind = 'phone')
       AND n.phones && ARRAY(SELECT i.value FROM taken i WHERE i.kind = 'phone');
    DELETE FROM phone_endings e
     USING taken i, generate_series(2, length(i.value) - 2) AS p
     WHERE i.kind = 'phone' AND e.org_id = i.org_id AND e.ending = substr(i.value, p) AND e.value = i.value;
    RETURN NULL;
END $$;
