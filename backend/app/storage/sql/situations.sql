-- Each trace with its neighbours in the conversation: up to two before it and one after it.
SELECT t.id, t.content, before2.content AS before2, before1.content AS before1, after1.content AS after1
FROM memory_trace AS t
LEFT JOIN memory_edge AS e1 ON e1.user_id = t.user_id AND e1.dst = t.id AND e1.type = 'next'
LEFT JOIN memory_trace AS before1 ON before1.user_id = t.user_id AND before1.id = e1.src
LEFT JOIN memory_edge AS e2 ON e2.user_id = t.user_id AND e2.dst = e1.src AND e2.type = 'next'
LEFT JOIN memory_trace AS before2 ON before2.user_id = t.user_id AND before2.id = e2.src
LEFT JOIN memory_edge AS e3 ON e3.user_id = t.user_id AND e3.src = t.id AND e3.type = 'next'
LEFT JOIN memory_trace AS after1 ON after1.user_id = t.user_id AND after1.id = e3.dst
WHERE t.user_id = :user_id AND t.id = ANY(CAST(:trace_ids AS uuid[]))
