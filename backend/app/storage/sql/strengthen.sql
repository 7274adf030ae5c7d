-- Count the uses of recalled traces. It waits for the person's write lock first, as every writer does,
-- so that it and a forgetting cannot block each other.
WITH turn AS MATERIALIZED (
    SELECT user_id FROM memory_usage WHERE user_id = :user_id FOR UPDATE
),
used AS (
    SELECT turn.user_id, u.id, u.uses, u.last
    FROM turn
    CROSS JOIN unnest(
        CAST(:trace_ids AS uuid[]), CAST(:uses AS integer[]), CAST(:last AS timestamptz[])
    ) AS u (id, uses, last)
)
UPDATE memory_trace AS t
SET access_count = t.access_count + used.uses,
    last_accessed_at = greatest(t.last_accessed_at, used.last)
FROM used
WHERE t.user_id = used.user_id AND t.id = used.id
