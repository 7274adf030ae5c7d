-- Count the uses of recalled traces. In order of id, so that two writers cannot block each other.
WITH locked AS (
    SELECT t.user_id, t.id, u.uses, u.last
    FROM unnest(
        CAST(:trace_ids AS uuid[]), CAST(:uses AS integer[]), CAST(:last AS timestamptz[])
    ) AS u (id, uses, last)
    JOIN memory_trace AS t ON t.user_id = :user_id AND t.id = u.id
    ORDER BY t.id
    FOR UPDATE OF t
)
UPDATE memory_trace AS t
SET access_count = t.access_count + locked.uses,
    last_accessed_at = greatest(t.last_accessed_at, locked.last)
FROM locked
WHERE t.user_id = locked.user_id AND t.id = locked.id
