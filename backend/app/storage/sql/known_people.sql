-- The people who are mentioned on several days, all of them before :before: on how many days,
-- last when, and in which of their latest mentions.
SELECT t.id AS entity_id, t.content AS name, seen.days, seen.last_at, seen.evidence
FROM memory_trace AS t
CROSS JOIN LATERAL (
    SELECT
        count(DISTINCT (e.ts AT TIME ZONE 'UTC')::date) AS days,
        max(e.ts) AS last_at,
        (array_agg(e.src ORDER BY e.ts DESC, e.src))[1:5] AS evidence
    FROM memory_edge AS e
    WHERE e.user_id = :user_id AND e.dst = t.id AND e.type = 'mentions' AND e.ts < :until
) AS seen
WHERE t.user_id = :user_id AND t.role = 'entity' AND t.source ? 'key'
    AND t.meta ->> 'kind' = 'person'
    AND seen.days >= :days AND seen.last_at < :before
ORDER BY t.id
