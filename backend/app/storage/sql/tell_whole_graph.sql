-- Every node of one person waits to be told.
INSERT INTO graph_outbox (user_id, trace_id)
SELECT t.user_id, t.id FROM memory_trace AS t WHERE t.user_id = :user_id
ON CONFLICT (user_id, trace_id) DO NOTHING
