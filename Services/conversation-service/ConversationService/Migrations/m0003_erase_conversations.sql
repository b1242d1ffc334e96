-- When its customer was erased: nobody is reached in it any more.
ALTER TABLE conversations ADD COLUMN erased_at timestamptz;

-- Keys of events may hold their senders' numbers; hashes of them take their place.
GRANT UPDATE (event_key) ON received_events TO conversations;
