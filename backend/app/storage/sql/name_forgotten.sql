-- Keep the ids that a tombstone stands for. A derived trace may be made and forgotten again.
INSERT INTO memory_forgotten (user_id, trace_id, tombstone_id)
SELECT CAST(:user_id AS uuid), id, CAST(:tombstone_id AS uuid)
FROM unnest(CAST(:trace_ids AS uuid[])) AS gone (id)
ON CONFLICT (user_id, trace_id) DO UPDATE SET tombstone_id = excluded.tombstone_id
