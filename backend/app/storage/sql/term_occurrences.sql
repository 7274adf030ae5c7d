-- Where each of these terms occurs in each of these traces. OFFSET 0 keeps it one probe of the primary
-- key a pair, so that a word of thousands of traces costs no more than a rare one.
SELECT p.trace_id, p.term, p.frequency, p.positions
FROM unnest(CAST(:trace_ids AS uuid[])) AS candidate (id)
CROSS JOIN unnest(CAST(:terms AS text[])) AS asked (term)
CROSS JOIN LATERAL (
    SELECT p.trace_id, p.term, p.frequency, p.positions FROM memory_posting AS p
    WHERE p.user_id = :user_id AND p.term = asked.term AND p.trace_id = candidate.id OFFSET 0
) AS p
