-- Store sketches beside their vectors, unless their trace was forgotten while they were made.
INSERT INTO memory_sketch (user_id, head, created_at, trace_id, chunk, sketch)
SELECT t.user_id, :head, t.created_at, t.id, :chunk, :sketch
FROM memory_trace AS t
WHERE t.user_id = :user_id AND t.id = :trace_id
ON CONFLICT (user_id, head, created_at, trace_id, chunk)
DO UPDATE SET sketch = excluded.sketch, written_at = excluded.written_at
