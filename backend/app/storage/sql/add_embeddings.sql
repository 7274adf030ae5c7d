-- Store vectors, unless their trace was forgotten while they were made.
INSERT INTO memory_embedding (user_id, trace_id, head, chunk, vec, created_at, model)
SELECT t.user_id, t.id, :head, :chunk, :vec, t.created_at, :model
FROM memory_trace AS t
WHERE t.user_id = :user_id AND t.id = :trace_id
ON CONFLICT (user_id, trace_id, head, chunk, created_at)
DO UPDATE SET vec = excluded.vec, model = excluded.model
