-- Each trace with its neighbours in the conversation: up to two before it and one after it. OFFSET 0
-- keeps every LATERAL a probe of a key, whatever the planner's statistics say.
SELECT t.id, t.content, before2.content AS before2, before1.content AS before1, after1.content AS after1
FROM unnest(CAST(:trace_ids AS uuid[])) AS wanted (id)
CROSS JOIN LATERAL (
    SELECT t.id, t.content FROM memory_trace AS t
    WHERE t.user_id = :user_id AND t.id = wanted.id OFFSET 0
) AS t
LEFT JOIN LATERAL (
    SELECT b.id, b.content FROM memory_edge AS e
    JOIN memory_trace AS b ON b.user_id = :user_id AND b.id = e.src
    WHERE e.user_id = :user_id AND e.dst = t.id AND e.type = 'next' LIMIT 1
) AS before1 ON true
LEFT JOIN LATERAL (
    SELECT b.content FROM memory_edge AS e
    JOIN memory_trace AS b ON b.user_id = :user_id AND b.id = e.src
    WHERE e.user_id = :user_id AND e.dst = before1.id AND e.type = 'next' LIMIT 1
) AS before2 ON true
LEFT JOIN LATERAL (
    SELECT a.content FROM memory_edge AS e
    JOIN memory_trace AS a ON a.user_id = :user_id AND a.id = e.dst
    WHERE e.user_id = :user_id AND e.src = t.id AND e.type = 'next' LIMIT 1
) AS after1 ON true
