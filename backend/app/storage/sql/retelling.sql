-- Which of these summaries tell of one of these traces: a day's tells of what was said that day, a week's of
-- its days, a month's of its weeks. The walk goes up, where a trace has one summary at most.
WITH RECURSIVE told AS (
    SELECT id FROM unnest(CAST(:trace_ids AS uuid[])) AS trace (id)
    UNION
    SELECT above.src
    FROM told
    CROSS JOIN LATERAL (
        SELECT e.src FROM memory_edge AS e
        WHERE e.user_id = :user_id AND e.dst = told.id AND e.type = 'summary_of' OFFSET 0
    ) AS above
)
SELECT id FROM told WHERE id = ANY(CAST(:summary_ids AS uuid[]))
