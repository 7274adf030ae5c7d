-- Take what was told out of the outbox. What has changed again since it was claimed waits again, since now.
WITH told AS (
    SELECT * FROM unnest(CAST(:trace_ids AS uuid[]), CAST(:versions AS bigint[])) AS t (trace_id, version)
),
gone AS (
    DELETE FROM graph_outbox AS o USING told
    WHERE o.user_id = :user_id AND o.trace_id = told.trace_id AND o.version = told.version
)
UPDATE graph_outbox AS o SET due_at = '-infinity', attempts = 0, noted_at = now()
FROM told
WHERE o.user_id = :user_id AND o.trace_id = told.trace_id AND o.version <> told.version
