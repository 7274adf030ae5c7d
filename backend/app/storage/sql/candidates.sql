-- What ranking has to know about these traces, as far as they are in scope: themselves, their
-- neighbours in the conversation, and how near the best chunk of each head is to the question; of the
-- neighbour before, its semantic head. Entity nodes carry edges and are never results; what has faded, by
-- :as_of if that is given, is not recalled. Neighbours that are not among these traces follow as rows without
-- a role: ranking needs their words alone.
-- OFFSET 0 keeps every LATERAL a probe of a primary key: with stale statistics the planner would
-- rather read all that a person has. Equality on created_at leaves one partition to look into.
WITH fact AS MATERIALIZED (
    SELECT
        t.id AS trace_id, t.created_at, t.role, t.salience, t.access_count, t.last_accessed_at,
        t.term_count AS length, t.states_preference, t.wording, t.term_codes,
        e1.src AS before, e2.src AS before_that, e3.dst AS after
    FROM unnest(CAST(:trace_ids AS uuid[])) AS wanted (id)
    CROSS JOIN LATERAL (
        SELECT * FROM memory_trace AS t WHERE t.user_id = :user_id AND t.id = wanted.id OFFSET 0
    ) AS t
    LEFT JOIN LATERAL (
        SELECT e.src FROM memory_edge AS e
        WHERE e.user_id = :user_id AND e.dst = t.id AND e.type = 'next' OFFSET 0
    ) AS e1 ON true
    LEFT JOIN LATERAL (
        SELECT e.src FROM memory_edge AS e
        WHERE e.user_id = :user_id AND e.dst = e1.src AND e.type = 'next' OFFSET 0
    ) AS e2 ON true
    LEFT JOIN LATERAL (
        SELECT e.dst FROM memory_edge AS e
        WHERE e.user_id = :user_id AND e.src = t.id AND e.type = 'next' OFFSET 0
    ) AS e3 ON true
    WHERE t.role <> 'entity'
        AND (t.faded_at IS NULL OR t.faded_at > CAST(:as_of AS timestamptz))
        AND t.created_at >= :since AND t.created_at < :until
        AND (CAST(:role AS text) IS NULL OR t.role = :role)
        AND (CAST(:source AS text) IS NULL OR t.source ->> 'type' = :source)
),
around AS MATERIALIZED (
    SELECT t.id, t.created_at, t.term_codes
    FROM (
        SELECT before AS id FROM fact UNION SELECT before_that FROM fact UNION SELECT after FROM fact
        EXCEPT SELECT trace_id FROM fact
    ) AS other
    CROSS JOIN LATERAL (
        SELECT t.id, t.created_at, t.term_codes FROM memory_trace AS t
        WHERE t.user_id = :user_id AND t.id = other.id OFFSET 0
    ) AS t
),
place AS (
    SELECT trace_id AS id, created_at, CAST(:heads AS text[]) AS heads FROM fact
    UNION ALL
    SELECT id, created_at, ARRAY['semantic'] FROM around
    WHERE 'semantic' = ANY(CAST(:heads AS text[])) AND id IN (SELECT before FROM fact)
),
compared AS MATERIALIZED (
    SELECT
        place.id AS trace_id, e.head, 1 - (e.vec <=> :question) AS similarity,
        CASE WHEN e.head = 'semantic' AND e.chunk = 0 THEN 1 - (e.vec <=> :typical) END AS typicality
    FROM place
    CROSS JOIN LATERAL (
        SELECT e.head, e.chunk, e.vec FROM memory_embedding AS e
        WHERE e.user_id = :user_id AND e.trace_id = place.id AND e.created_at = place.created_at
            AND e.head = ANY(place.heads) OFFSET 0
    ) AS e
),
near AS MATERIALIZED (
    SELECT
        trace_id,
        max(similarity) FILTER (WHERE head = 'semantic') AS semantic,
        max(similarity) FILTER (WHERE head = 'entity') AS entity,
        max(similarity) FILTER (WHERE head = 'situation') AS situation,
        max(typicality) AS typicality
    FROM compared GROUP BY trace_id
)
SELECT
    fact.*, near.semantic, near.entity, near.situation, near.typicality,
    near_before.semantic AS nearness_before
FROM fact
LEFT JOIN near ON near.trace_id = fact.trace_id
LEFT JOIN near AS near_before ON near_before.trace_id = fact.before
UNION ALL
SELECT
    id, created_at, NULL, NULL, NULL, NULL, NULL, NULL, NULL, term_codes, NULL, NULL, NULL,
    NULL, NULL, NULL, NULL, NULL
FROM around
