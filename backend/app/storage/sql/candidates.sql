-- What ranking has to know about these traces, as far as they are in scope, and how near the best
-- chunk of each of their heads is to the question. Entity nodes carry edges and are never results;
-- what has faded is not recalled. The bounds from fact spare looking into other months' partitions;
-- MATERIALIZED keeps the vectors themselves out of the grouping.
WITH fact AS MATERIALIZED (
    SELECT
        t.id AS trace_id, t.created_at, t.role, t.salience, t.access_count, t.last_accessed_at,
        t.term_count AS length
    FROM memory_trace AS t
    WHERE t.user_id = :user_id AND t.id = ANY(CAST(:trace_ids AS uuid[]))
        AND t.role <> 'entity' AND t.faded_at IS NULL
        AND t.created_at >= :since AND t.created_at < :until
        AND (CAST(:role AS text) IS NULL OR t.role = :role)
        AND (CAST(:source AS text) IS NULL OR t.source ->> 'type' = :source)
),
compared AS MATERIALIZED (
    SELECT e.trace_id, e.head, 1 - (e.vec <=> :question) AS similarity
    FROM memory_embedding AS e
    WHERE e.user_id = :user_id AND e.trace_id = ANY(CAST(:trace_ids AS uuid[]))
        AND e.head = ANY(CAST(:heads AS text[]))
        AND e.created_at >= (SELECT min(created_at) FROM fact)
        AND e.created_at <= (SELECT max(created_at) FROM fact)
),
near AS (
    SELECT
        trace_id,
        max(similarity) FILTER (WHERE head = 'semantic') AS semantic,
        max(similarity) FILTER (WHERE head = 'entity') AS entity,
        max(similarity) FILTER (WHERE head = 'situation') AS situation
    FROM compared GROUP BY trace_id
)
SELECT fact.*, near.semantic, near.entity, near.situation
FROM fact LEFT JOIN near USING (trace_id)
