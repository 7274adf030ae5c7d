-- One posting per trace and distinct term: how often it occurs, and how long the trace is.
INSERT INTO memory_posting (user_id, term, trace_id, frequency, length)
SELECT CAST(:user_id AS uuid), p.term, p.trace_id, p.frequency, p.length
FROM unnest(
    CAST(:terms AS text[]), CAST(:trace_ids AS uuid[]),
    CAST(:frequencies AS smallint[]), CAST(:lengths AS integer[])
) AS p (term, trace_id, frequency, length)
