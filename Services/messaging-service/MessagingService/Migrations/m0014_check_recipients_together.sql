-- A foreign key asks for the broadcast once for each of 100,000 recipients, two fifths of the time that they take. The same
-- is asked once for each statement instead: every broadcast of new recipients is there, and held until the transaction
-- ends; one that goes takes its recipients with it.
ALTER TABLE broadcast_recipients DROP CONSTRAINT recipient_broadcast;

CREATE FUNCTION check_recipients() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    given_broadcasts integer;
    held_broadcasts integer;
BEGIN
    SELECT count(*) INTO given_broadcasts FROM (SELECT DISTINCT org_id, broadcast_id FROM given) AS g;
    PERFORM FROM broadcasts b
      WHERE (b.org_id, b.id) IN (SELECT DISTINCT org_id, broadcast_id FROM given) FOR KEY SHARE;
    GET DIAGNOSTICS held_broadcasts = ROW_COUNT;
    IF held_broadcasts < given_broadcasts THEN
        RAISE foreign_key_violation USING MESSAGE = 'a recipient of no broadcast', CONSTRAINT = 'recipient_broadcast';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER check_recipients AFTER INSERT ON broadcast_recipients
    REFERENCING NEW TABLE AS given FOR EACH STATEMENT EXECUTE FUNCTION check_recipients();

CREATE FUNCTION remove_recipients() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM broadcast_recipients r USING gone b WHERE r.org_id = b.org_id AND r.broadcast_id = b.id;
    RETURN NULL;
END $$;
CREATE TRIGGER remove_recipients AFTER DELETE ON broadcasts
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION remove_recipients();
