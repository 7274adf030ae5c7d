-- Ask for heads to be embedded. A head that already waits is asked for anew, so that a worker that
-- holds the older request does not take the newer one for done.
INSERT INTO pending_embedding (user_id, trace_id, head, requested_at, due_at)
SELECT CAST(:user_id AS uuid), trace_id, head, :now, :now
FROM unnest(CAST(:trace_ids AS uuid[]), CAST(:heads AS text[])) AS wanted (trace_id, head)
ON CONFLICT (user_id, trace_id, head)
DO UPDATE SET requested_at = excluded.requested_at, due_at = excluded.due_at, attempts = 0
