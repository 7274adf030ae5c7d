-- A head that is made anew may have fewer chunks than before.
WITH sketch AS (
    DELETE FROM memory_sketch
    WHERE user_id = :user_id AND trace_id = :trace_id AND head = :head AND chunk >= :chunks
)
DELETE FROM memory_embedding
WHERE user_id = :user_id AND trace_id = :trace_id AND head = :head AND chunk >= :chunks
