-- The newest traces of this person up to :until that have a semantic head, with the vector of their
-- beginning: what was said, as the working memory is told it. What notes and nights hold is not among it.
SELECT t.id AS trace_id, t.created_at, e.vec
FROM (
    SELECT id, created_at FROM memory_trace
    WHERE user_id = :user_id AND role NOT IN ('entity', 'summary', 'note') AND created_at <= :until
    ORDER BY created_at DESC LIMIT :most
) AS t
CROSS JOIN LATERAL (
    SELECT e.vec FROM memory_embedding AS e
    WHERE e.user_id = :user_id AND e.trace_id = t.id AND e.created_at = t.created_at
        AND e.head = 'semantic' AND e.chunk = 0 OFFSET 0
) AS e
