-- Role and time of these traces, as far as they are in scope and have not faded, and whether there is a note
-- that they are of. OFFSET 0 and LIMIT 1 keep it one probe of an index a trace.
SELECT t.id, t.role, t.created_at, coalesce(n.is_there, false) AS is_of_note
FROM unnest(CAST(:trace_ids AS uuid[])) AS wanted (id)
CROSS JOIN LATERAL (
    SELECT t.id, t.role, t.created_at, t.faded_at, t.source FROM memory_trace AS t
    WHERE t.user_id = :user_id AND t.id = wanted.id OFFSET 0
) AS t
LEFT JOIN LATERAL (
    SELECT true AS is_there FROM note AS n
    WHERE t.role = 'note' AND n.user_id = :user_id AND n.trace_id = t.id LIMIT 1
) AS n ON true
WHERE t.role <> 'entity' AND t.faded_at IS NULL
    AND t.created_at >= :since AND t.created_at < :until
    AND (CAST(:role AS text) IS NULL OR t.role = :role)
    AND (CAST(:source AS text) IS NULL OR t.source ->> 'type' = :source)
