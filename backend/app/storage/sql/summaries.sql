-- These summaries with the vector of their beginning, in the order of their days.
SELECT t.id, t.role, t.content, t.created_at, t.salience, CAST(NULL AS text) AS conversation,
    t.content_hash, e.vec
FROM unnest(CAST(:trace_ids AS uuid[])) AS wanted (id)
CROSS JOIN LATERAL (
    SELECT * FROM memory_trace AS t
    WHERE t.user_id = :user_id AND t.id = wanted.id AND t.role = 'summary' OFFSET 0
) AS t
LEFT JOIN LATERAL (
    SELECT e.vec FROM memory_embedding AS e
    WHERE e.user_id = :user_id AND e.trace_id = t.id AND e.created_at = t.created_at
        AND e.head = 'semantic' AND e.chunk = 0 OFFSET 0
) AS e ON true
ORDER BY t.created_at, t.id
