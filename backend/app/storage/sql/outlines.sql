-- Role and time of these traces, as far as they are in scope and have not faded. OFFSET 0 keeps it one probe
-- of the primary key a trace.
SELECT t.id, t.role, t.created_at
FROM unnest(CAST(:trace_ids AS uuid[])) AS wanted (id)
CROSS JOIN LATERAL (
    SELECT t.id, t.role, t.created_at, t.faded_at, t.source FROM memory_trace AS t
    WHERE t.user_id = :user_id AND t.id = wanted.id OFFSET 0
) AS t
WHERE t.role <> 'entity' AND t.faded_at IS NULL
    AND t.created_at >= :since AND t.created_at < :until
    AND (CAST(:role AS text) IS NULL OR t.role = :role)
    AND (CAST(:source AS text) IS NULL OR t.source ->> 'type' = :source)
