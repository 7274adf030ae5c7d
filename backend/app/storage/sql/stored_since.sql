-- Which of these traces were written after a tombstone was set, whenever they happened.
SELECT t.id FROM memory_trace AS t
JOIN memory_tombstone AS s ON s.user_id = :user_id AND s.id = :tombstone_id
WHERE t.user_id = :user_id AND t.id = ANY(CAST(:trace_ids AS uuid[])) AND t.stored_at > s.stored_at
