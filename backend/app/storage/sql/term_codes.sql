-- The codes of these traces' terms. OFFSET 0 keeps it one probe of the primary key a trace.
SELECT t.id, t.term_codes
FROM unnest(CAST(:trace_ids AS uuid[])) AS wanted (id)
CROSS JOIN LATERAL (
    SELECT t.id, t.term_codes FROM memory_trace AS t
    WHERE t.user_id = :user_id AND t.id = wanted.id OFFSET 0
) AS t
