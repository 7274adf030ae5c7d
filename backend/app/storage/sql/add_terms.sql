-- Count every term of the traces just written, one more trace each.
INSERT INTO memory_term (user_id, term, traces)
SELECT CAST(:user_id AS uuid), term, count(*)
FROM unnest(CAST(:terms AS text[])) AS term
GROUP BY term
ON CONFLICT (user_id, term) DO UPDATE SET traces = memory_term.traces + excluded.traces
