-- The raw traces of a span with the vector of their beginning, in the order they were said: never what
-- the dream made itself. Of very many, the most salient.
SELECT t.id, t.role, t.content, t.created_at, t.salience, t.source ->> 'conversation_id' AS conversation,
    t.content_hash, e.vec
FROM (
    SELECT * FROM memory_trace
    WHERE user_id = :user_id AND created_at >= :since AND created_at < :until
        AND role NOT IN ('summary', 'entity')
    ORDER BY salience DESC, id LIMIT :most
) AS t
LEFT JOIN LATERAL (
    SELECT e.vec FROM memory_embedding AS e
    WHERE e.user_id = :user_id AND e.trace_id = t.id AND e.created_at = t.created_at
        AND e.head = 'semantic' AND e.chunk = 0 OFFSET 0
) AS e ON true
ORDER BY t.created_at, t.id
