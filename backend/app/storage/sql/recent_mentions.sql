-- Where else the entities that these traces mention were spoken of in a span, latest first.
WITH mentioned AS (
    SELECT DISTINCT e.dst FROM memory_edge AS e
    WHERE e.user_id = :user_id AND e.src = ANY(CAST(:trace_ids AS uuid[])) AND e.type = 'mentions'
)
SELECT t.content AS name, e.src AS trace_id, e.ts
FROM mentioned
JOIN memory_trace AS t ON t.user_id = :user_id AND t.id = mentioned.dst AND t.meta ->> 'kind' <> 'self'
CROSS JOIN LATERAL (
    SELECT e.src, e.ts FROM memory_edge AS e
    WHERE e.user_id = :user_id AND e.dst = mentioned.dst AND e.type = 'mentions'
        AND e.ts >= :since AND e.ts < :until
    ORDER BY e.ts DESC, e.src LIMIT :most
) AS e
ORDER BY t.content, e.ts DESC, e.src
