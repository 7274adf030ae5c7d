-- Of what this person said before :before and of what matters little, only the text itself stays embedded:
-- the heads for its names and for its place in the conversation go, unless it is pinned or was recalled.
WITH little AS (
    SELECT t.id, t.created_at FROM memory_trace AS t
    WHERE t.user_id = :user_id AND t.created_at < :before
        AND t.salience < :below AND NOT t.pinned AND t.access_count = 0
),
sketches AS (
    DELETE FROM memory_sketch AS s USING little
    WHERE s.user_id = :user_id AND s.trace_id = little.id AND s.head <> 'semantic'
)
DELETE FROM memory_embedding AS e USING little
WHERE e.user_id = :user_id AND e.trace_id = little.id AND e.created_at = little.created_at
    AND e.head <> 'semantic'
RETURNING e.head
