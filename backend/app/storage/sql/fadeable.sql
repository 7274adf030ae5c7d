-- The raw traces of before :until that are below the write threshold and have not faded, with what keeps
-- them: whether a summary holds them, and whether a fact or an insight rests on them.
SELECT
    t.id AS trace_id, t.created_at, t.salience, t.access_count, t.last_accessed_at, t.pinned,
    EXISTS (
        SELECT FROM memory_edge AS e
        WHERE e.user_id = :user_id AND e.dst = t.id AND e.type = 'summary_of'
    ) AS is_held,
    EXISTS (SELECT FROM memory_fact AS f WHERE f.user_id = :user_id AND f.trace_id = t.id)
        OR EXISTS (SELECT FROM insight_evidence AS v WHERE v.user_id = :user_id AND v.trace_id = t.id)
        AS is_evidence
FROM memory_trace AS t
WHERE t.user_id = :user_id AND t.salience < :threshold AND t.faded_at IS NULL
    AND t.role NOT IN ('summary', 'entity') AND t.created_at < :until
ORDER BY t.created_at, t.id
