-- Before these traces are pruned: what leads to them, and to what the dream has made of them. One that was
-- pruned before, and brought back by an import, leads to what was made of it then as well.
INSERT INTO pruned_trace AS p (user_id, id, created_at, source, pruned_at, made)
SELECT t.user_id, t.id, t.created_at, t.source, :now, ARRAY(
    SELECT e.src FROM memory_edge AS e
    WHERE e.user_id = :user_id AND e.dst = t.id AND e.type = 'summary_of'
    UNION
    SELECT n.id FROM memory_edge AS e
    JOIN memory_trace AS n ON n.user_id = :user_id AND n.id = e.dst AND n.source ? 'key'
    WHERE e.user_id = :user_id AND e.src = t.id AND e.type = 'mentions'
    ORDER BY 1
)
FROM memory_trace AS t
WHERE t.user_id = :user_id AND t.id = ANY(CAST(:trace_ids AS uuid[]))
ON CONFLICT (user_id, id) DO UPDATE
SET source = excluded.source, pruned_at = excluded.pruned_at,
    made = ARRAY(SELECT unnest(p.made) UNION SELECT unnest(excluded.made) ORDER BY 1)
