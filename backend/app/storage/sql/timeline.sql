-- The days of one person's memory, latest first, in a time zone: how much was said, and how much of it is
-- pinned or has faded. What the dream made counts for nothing, but the day that a summary ends is there
-- even when all that it sums up is gone.
WITH told AS (
    SELECT to_char(created_at AT TIME ZONE CAST(:zone AS text), 'YYYY-MM-DD') AS day,
        role <> 'summary' AS is_raw, pinned, faded_at IS NOT NULL AS has_faded
    FROM memory_trace
    WHERE user_id = :user_id AND role <> 'entity'
        AND (role <> 'summary' OR source ->> 'type' = 'dream' AND source ->> 'id' LIKE 'day:%')
)
SELECT day,
    count(*) FILTER (WHERE is_raw) AS traces,
    count(*) FILTER (WHERE is_raw AND pinned) AS pinned,
    count(*) FILTER (WHERE is_raw AND has_faded) AS faded,
    count(*) OVER () AS total
FROM told
GROUP BY day
ORDER BY day DESC
LIMIT :most OFFSET :passed
