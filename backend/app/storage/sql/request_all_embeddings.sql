-- Ask for every head of every trace that is salient enough to be indexed.
INSERT INTO pending_embedding (user_id, trace_id, head, requested_at, due_at)
SELECT t.user_id, t.id, head, :now, :now
FROM memory_trace AS t
CROSS JOIN unnest(ARRAY['semantic', 'entity', 'situation']) AS head
WHERE t.salience >= :threshold AND t.role <> 'entity'
