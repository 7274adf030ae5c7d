-- Take this person's write lock for the rest of the transaction, and read their counts.
-- The row is made on their first write; the no-op update is what locks an existing one.
INSERT INTO memory_usage (user_id) VALUES (:user_id)
ON CONFLICT (user_id) DO UPDATE SET generation = memory_usage.generation
RETURNING generation, traces, terms
