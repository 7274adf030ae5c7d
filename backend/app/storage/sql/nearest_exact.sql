-- The traces whose best chunk is nearest to the question, by comparing every vector in scope.
-- MATERIALIZED keeps the planner from walking an HNSW index, which under-returns when it filters.
WITH compared AS MATERIALIZED (
    SELECT e.trace_id, e.head, 1 - (e.vec <=> :question) AS similarity
    FROM memory_embedding AS e
    WHERE e.user_id = :user_id AND e.head = ANY(CAST(:heads AS text[]))
        AND e.created_at >= :since AND e.created_at < :until
        AND ((CAST(:role AS text) IS NULL AND CAST(:source AS text) IS NULL) OR EXISTS (
            SELECT FROM memory_trace AS t
            WHERE t.user_id = e.user_id AND t.id = e.trace_id
                AND t.role = coalesce(:role, t.role)
                AND t.source ->> 'type' = coalesce(:source, t.source ->> 'type')
        ))
),
best AS (
    SELECT trace_id, head, max(similarity) AS similarity FROM compared GROUP BY trace_id, head
),
ranked AS (
    SELECT *, row_number() OVER (PARTITION BY head ORDER BY similarity DESC, trace_id) AS place FROM best
)
SELECT trace_id, head, similarity FROM ranked WHERE place <= :most
