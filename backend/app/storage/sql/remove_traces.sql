-- Delete these traces; what hangs on them goes by its foreign keys. How many there were, and how many
-- terms in all of them; the dream's nodes are counted nowhere.
WITH gone AS (
    DELETE FROM memory_trace
    WHERE user_id = :user_id AND id = ANY(CAST(:trace_ids AS uuid[]))
    RETURNING term_count, role = 'entity' AND source ? 'key' AS is_node
)
SELECT count(*) FILTER (WHERE NOT is_node) AS traces, coalesce(sum(term_count), 0) AS terms FROM gone
