-- Claim this person's oldest run that is due, of :day alone if one is given: days first, then the week
-- that ends on them, then the month. A lease whose owner has been silent since :expired has run out;
-- while another one is alive, this person is being dreamt for and nothing is claimed.
-- The person's write lock is held, so that two replicas claim one after the other.
UPDATE consolidation_run AS r
SET state = 'running', owner = :owner, heartbeat_at = :now, started_at = :now, finished_at = NULL,
    attempts = least(r.attempts + 1, 1000)
FROM (
    SELECT c.day, c.kind FROM consolidation_run AS c
    WHERE c.user_id = :user_id AND c.state <> 'done'
        AND CASE c.state WHEN 'running' THEN c.heartbeat_at < :expired ELSE c.due_at <= :now END
        AND (CAST(:day AS date) IS NULL OR (c.day = :day AND c.kind = 'daily'))
        AND NOT EXISTS (
            SELECT FROM consolidation_run AS other
            WHERE other.user_id = :user_id AND other.state = 'running' AND other.heartbeat_at >= :expired
        )
    ORDER BY c.day, array_position(ARRAY['daily', 'weekly', 'monthly'], c.kind)
    LIMIT 1
) AS next
WHERE r.user_id = :user_id AND r.day = next.day AND r.kind = next.kind
RETURNING r.day, r.kind, r.attempts
