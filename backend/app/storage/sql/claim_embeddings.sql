-- Claim the heads that are due, oldest first, until :lease_until. Nothing stays locked meanwhile; a
-- worker that dies leaves its claim to run out.
UPDATE pending_embedding AS p
SET due_at = :lease_until, attempts = least(p.attempts + 1, 1000)
FROM (
    SELECT user_id, trace_id, head FROM pending_embedding
    WHERE due_at <= :now
    ORDER BY due_at, requested_at LIMIT :most
    FOR UPDATE SKIP LOCKED
) AS due
WHERE p.user_id = due.user_id AND p.trace_id = due.trace_id AND p.head = due.head
RETURNING p.user_id, p.trace_id, p.head, p.requested_at, p.attempts
