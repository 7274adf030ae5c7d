-- The newest traces of this person that have a semantic head, with the vector of their beginning.
SELECT trace_id, created_at, vec
FROM memory_embedding
WHERE user_id = :user_id AND head = 'semantic' AND chunk = 0
ORDER BY created_at DESC, trace_id DESC
LIMIT :most
