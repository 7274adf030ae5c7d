-- Of what this person said before :before and of what matters little, only the text itself stays embedded:
-- the heads for its names and for its place in the conversation go, unless it is pinned or was recalled.
DELETE FROM memory_embedding AS e
USING memory_trace AS t
WHERE e.user_id = :user_id AND e.created_at < :before AND e.head <> 'semantic'
    AND t.user_id = :user_id AND t.id = e.trace_id
    AND t.salience < :below AND NOT t.pinned AND t.access_count = 0
RETURNING e.head
