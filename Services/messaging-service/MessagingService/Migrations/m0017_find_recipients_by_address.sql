-- The message of a recipient is written into its row once; without an index on it, and with room beside it, that changes no
-- index. Who looks for the recipient of a message goes by the broadcast and the address, which the message has too.
DROP INDEX recipients_by_message;
ALTER TABLE broadcast_recipients SET (fillfactor = 45);

-- Broadcasts leave when the time is over for which their organization keeps messages, and take their recipients with them.
GRANT DELETE ON broadcasts, broadcast_recipients TO messaging;
