-- Claim up to :most changes of one person until :lease_until: of whoever has waited longest and of whom
-- nothing is claimed or postponed. Who removes a whole graph has no other change beside it: its id comes
-- first. Nothing stays locked meanwhile; a worker that dies leaves its claim to run out.
UPDATE graph_outbox AS o
SET due_at = :lease_until, attempts = least(o.attempts + 1, 1000)
FROM (
    SELECT c.user_id, c.trace_id FROM graph_outbox AS c
    WHERE c.user_id = (
        SELECT d.user_id FROM graph_outbox AS d
        WHERE d.due_at <= :now AND NOT EXISTS (
            SELECT FROM graph_outbox AS leased WHERE leased.user_id = d.user_id AND leased.due_at > :now
        )
        ORDER BY d.due_at, d.version LIMIT 1
    )
    ORDER BY c.trace_id LIMIT :most
) AS due
WHERE o.user_id = due.user_id AND o.trace_id = due.trace_id
RETURNING o.user_id, o.trace_id, o.version, o.attempts
