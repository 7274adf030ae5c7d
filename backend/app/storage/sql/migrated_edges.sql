-- Tie what came from an old database: each trace to the next one with the same topic (in any case), with the
-- same participant, and each conversation and note of a day, in the person's own :timezone, to the next one of
-- that day. These are chains, so a trace has at most one edge out of it for a topic, a participant and a day.
-- Example: five notes of one day get four edges, not ten.
WITH mine AS (
    SELECT id, created_at, meta, coalesce(source ->> 'conversation_id', CAST(id AS text)) AS talk
    FROM memory_trace
    WHERE user_id = :user_id AND meta ? 'migrated'
),
shared AS (
    SELECT 'same_topic' AS type, CAST(0.5 AS real) AS weight, lower(label) AS what, id, created_at
    FROM mine
    CROSS JOIN LATERAL jsonb_array_elements_text(coalesce(mine.meta -> 'topics', '[]')) AS topic (label)
    UNION ALL
    SELECT 'same_participant', CAST(0.5 AS real), lower(label), id, created_at
    FROM mine
    CROSS JOIN LATERAL jsonb_array_elements_text(coalesce(mine.meta -> 'participants', '[]')) AS p (label)
    UNION ALL
    (
        SELECT DISTINCT ON (day, talk) 'same_day', CAST(0.2 AS real), day, id, created_at
        FROM (
            SELECT *, CAST(CAST(created_at AT TIME ZONE :timezone AS date) AS text) AS day FROM mine
        ) AS dated
        ORDER BY day, talk, created_at, id
    )
),
chained AS (
    SELECT type, weight, id AS dst, created_at,
        lag(id) OVER (PARTITION BY type, what ORDER BY created_at, id) AS src
    FROM shared
)
INSERT INTO memory_edge (user_id, src, dst, type, weight, ts)
SELECT DISTINCT ON (src, dst, type) CAST(:user_id AS uuid), src, dst, type, weight, created_at
FROM chained
WHERE src IS NOT NULL
ON CONFLICT (user_id, src, dst, type) DO NOTHING
RETURNING src
