-- How often each of these terms occurs in each of these traces: one probe of the primary key a pair.
SELECT p.trace_id, p.term, p.frequency
FROM unnest(CAST(:trace_ids AS uuid[])) AS candidate (id)
CROSS JOIN unnest(CAST(:terms AS text[])) AS asked (term)
JOIN memory_posting AS p
    ON p.user_id = :user_id AND p.term = asked.term AND p.trace_id = candidate.id
