-- The entities of these :kinds that these traces mention, over edges valid at :at, as far as the dream knew them
-- then, each with the traces that mention it. Of what is an entity by its role alone nothing is known.
-- OFFSET 0 keeps every LATERAL a probe of a primary key.
SELECT t.content AS name, t.meta -> 'aliases' AS aliases, mention.trace_ids
FROM (
    SELECT e.dst, array_agg(e.src) AS trace_ids
    FROM unnest(CAST(:trace_ids AS uuid[])) AS wanted (id)
    CROSS JOIN LATERAL (
        SELECT e.src, e.dst FROM memory_edge AS e
        WHERE e.user_id = :user_id AND e.src = wanted.id AND e.type = 'mentions'
            AND (e.valid_from IS NULL OR e.valid_from <= :at) AND (e.valid_to IS NULL OR e.valid_to > :at)
        OFFSET 0
    ) AS e
    GROUP BY e.dst
) AS mention
CROSS JOIN LATERAL (
    SELECT t.content, t.role, t.source, t.meta, t.created_at FROM memory_trace AS t
    WHERE t.user_id = :user_id AND t.id = mention.dst OFFSET 0
) AS t
WHERE t.role = 'entity' AND t.source ? 'key' AND t.created_at <= :at
    AND t.meta ->> 'kind' = ANY(CAST(:kinds AS text[]))
