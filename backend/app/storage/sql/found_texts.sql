-- What a search has to know about these traces, as far as they are in scope: themselves, how near the best
-- chunk of what they say is to what is looked for, and the title of the note that they are of. As
-- candidates.sql, without the neighbours.
-- OFFSET 0 keeps every LATERAL a probe of a primary key.
SELECT
    t.id AS trace_id, t.created_at, t.role, t.salience, t.access_count, t.last_accessed_at,
    t.term_count AS length, t.states_preference, t.wording, t.term_codes,
    NULL AS before, NULL AS before_that, NULL AS after, near.semantic, n.title
FROM unnest(CAST(:trace_ids AS uuid[])) AS wanted (id)
CROSS JOIN LATERAL (
    SELECT * FROM memory_trace AS t WHERE t.user_id = :user_id AND t.id = wanted.id OFFSET 0
) AS t
LEFT JOIN LATERAL (
    SELECT max(1 - (e.vec <=> :question)) AS semantic
    FROM (
        SELECT e.vec FROM memory_embedding AS e
        WHERE e.user_id = :user_id AND e.trace_id = t.id AND e.created_at = t.created_at
            AND e.head = 'semantic' OFFSET 0
    ) AS e
) AS near ON true
LEFT JOIN LATERAL (
    SELECT n.title FROM note AS n WHERE t.role = 'note' AND n.user_id = :user_id AND n.trace_id = t.id LIMIT 1
) AS n ON true
WHERE t.role <> 'entity' AND t.faded_at IS NULL
    AND t.created_at >= :since AND t.created_at < :until
    AND (CAST(:role AS text) IS NULL OR t.role = :role)
    AND (CAST(:source AS text) IS NULL OR t.source ->> 'type' = :source)
