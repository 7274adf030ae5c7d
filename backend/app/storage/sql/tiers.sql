-- How many traces and vectors of one person are hot and how many warm: from before :warm_before, when
-- there was a downshift.
SELECT coalesce(t.created_at < CAST(:warm_before AS timestamptz), false) AS is_warm,
    count(*) AS traces,
    coalesce(sum((
        SELECT count(*) FROM memory_sketch AS s WHERE s.user_id = :user_id AND s.trace_id = t.id
    )), 0) AS vectors
FROM memory_trace AS t
WHERE t.user_id = :user_id AND t.role <> 'entity'
GROUP BY 1
