-- Thread these traces into their conversations: an edge of type 'next' from the one before to each,
-- and from each to the one after. An edge that now skips over one of them goes.
-- Example: a -> c exists; b arrives between them; a -> b and b -> c are made, a -> c goes.
WITH mine AS (
    SELECT id, created_at, source ->> 'conversation_id' AS conversation
    FROM memory_trace
    WHERE user_id = :user_id AND id = ANY(CAST(:trace_ids AS uuid[])) AND source ? 'conversation_id'
),
pair AS (
    SELECT before.id AS src, mine.id AS dst
    FROM mine
    CROSS JOIN LATERAL (
        SELECT t.id FROM memory_trace AS t
        WHERE t.user_id = :user_id AND t.source ? 'conversation_id'
            AND t.source ->> 'conversation_id' = mine.conversation
            AND (t.created_at, t.id) < (mine.created_at, mine.id)
        ORDER BY t.created_at DESC, t.id DESC LIMIT 1
    ) AS before
    UNION
    SELECT mine.id, after.id
    FROM mine
    CROSS JOIN LATERAL (
        SELECT t.id FROM memory_trace AS t
        WHERE t.user_id = :user_id AND t.source ? 'conversation_id'
            AND t.source ->> 'conversation_id' = mine.conversation
            AND (t.created_at, t.id) > (mine.created_at, mine.id)
        ORDER BY t.created_at, t.id LIMIT 1
    ) AS after
),
skipping AS (
    DELETE FROM memory_edge AS e USING pair AS p
    WHERE e.user_id = :user_id AND e.type = 'next'
        AND ((e.src = p.src AND e.dst <> p.dst) OR (e.dst = p.dst AND e.src <> p.src))
)
INSERT INTO memory_edge (user_id, src, dst, type, weight, ts)
SELECT CAST(:user_id AS uuid), src, dst, 'next', 1.0, CAST(:now AS timestamptz) FROM pair
ON CONFLICT (user_id, src, dst, type) DO NOTHING
