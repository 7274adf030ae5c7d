-- The traces nearest to the question in one head, before :warm_before, through the indexes of the warm
-- partitions: those hold one bit a dimension, so the :candidates nearest by bits are compared exactly.
WITH near AS MATERIALIZED (
    SELECT e.trace_id, e.vec FROM memory_embedding AS e
    WHERE e.user_id = :user_id AND e.head = :head
        AND e.created_at >= :since AND e.created_at < least(:until, CAST(:warm_before AS timestamptz))
        AND ((CAST(:role AS text) IS NULL AND CAST(:source AS text) IS NULL) OR EXISTS (
            SELECT FROM memory_trace AS t
            WHERE t.user_id = e.user_id AND t.id = e.trace_id
                AND t.role = coalesce(:role, t.role)
                AND t.source ->> 'type' = coalesce(:source, t.source ->> 'type')
        ))
    ORDER BY {stored_bits} <~> {asked_bits}
    LIMIT :candidates
)
SELECT trace_id, CAST(:head AS text) AS head, max(1 - (vec <=> :question)) AS similarity
FROM near GROUP BY trace_id
ORDER BY similarity DESC, trace_id LIMIT :most
