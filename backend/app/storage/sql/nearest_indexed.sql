-- The traces nearest to the question in one head, through the HNSW indexes of the partitions.
-- The connection's options make the scan go on when the filter leaves it with too few rows.
WITH nearest AS MATERIALIZED (
    SELECT e.trace_id, 1 - (e.vec <=> :question) AS similarity
    FROM memory_embedding AS e
    WHERE e.user_id = :user_id AND e.head = :head AND e.created_at >= :since AND e.created_at < :until
        AND ((CAST(:role AS text) IS NULL AND CAST(:source AS text) IS NULL) OR EXISTS (
            SELECT FROM memory_trace AS t
            WHERE t.user_id = e.user_id AND t.id = e.trace_id
                AND t.role = coalesce(:role, t.role)
                AND t.source ->> 'type' = coalesce(:source, t.source ->> 'type')
        ))
    ORDER BY e.vec <=> :question
    LIMIT :candidates
)
SELECT trace_id, CAST(:head AS text) AS head, max(similarity) AS similarity
FROM nearest GROUP BY trace_id
ORDER BY similarity DESC, trace_id LIMIT :most
