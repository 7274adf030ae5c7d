-- Which entities of these :kinds each of these traces mentions, over edges valid at :at, with all their names.
-- OFFSET 0 keeps every LATERAL a probe of a primary key.
WITH mention AS MATERIALIZED (
    SELECT e.src, e.dst
    FROM unnest(CAST(:trace_ids AS uuid[])) AS wanted (id)
    CROSS JOIN LATERAL (
        SELECT e.src, e.dst FROM memory_edge AS e
        WHERE e.user_id = :user_id AND e.src = wanted.id AND e.type = 'mentions'
            AND (e.valid_from IS NULL OR e.valid_from <= :at) AND (e.valid_to IS NULL OR e.valid_to > :at)
        OFFSET 0
    ) AS e
),
entity AS MATERIALIZED (
    SELECT t.id, t.content, t.meta
    FROM (SELECT DISTINCT dst FROM mention) AS mentioned
    CROSS JOIN LATERAL (
        SELECT t.id, t.content, t.meta FROM memory_trace AS t
        WHERE t.user_id = :user_id AND t.id = mentioned.dst OFFSET 0
    ) AS t
    WHERE t.meta ->> 'kind' = ANY(CAST(:kinds AS text[]))
)
SELECT
    entity.content AS name,
    CASE WHEN jsonb_typeof(entity.meta -> 'aliases') = 'array' THEN entity.meta -> 'aliases' ELSE '[]' END AS aliases,
    array_agg(mention.src) AS trace_ids
FROM entity JOIN mention ON mention.dst = entity.id
GROUP BY entity.id, entity.content, entity.meta
