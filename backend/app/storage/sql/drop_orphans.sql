-- Entity nodes that no trace mentions any more go, with the edges and facts about them.
DELETE FROM memory_trace AS t
WHERE t.user_id = :user_id AND t.role = 'entity' AND t.source ? 'key'
    AND NOT EXISTS (
        SELECT FROM memory_edge AS e
        WHERE e.user_id = :user_id AND e.dst = t.id AND e.type = 'mentions'
    )
RETURNING t.id
