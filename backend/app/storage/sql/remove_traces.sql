-- Delete these traces; what hangs on them goes by its foreign keys. How many there were, and how many
-- terms in all of them.
WITH gone AS (
    DELETE FROM memory_trace
    WHERE user_id = :user_id AND id = ANY(CAST(:trace_ids AS uuid[]))
    RETURNING term_count
)
SELECT count(*) AS traces, coalesce(sum(term_count), 0) AS terms FROM gone
