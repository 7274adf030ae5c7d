-- Claim the heads of one person that are due, oldest first, until :lease_until. Nothing stays locked
-- meanwhile; a worker that dies leaves its claim to run out. Locking rows of several people at once is
-- what a distributed database does not do. MATERIALIZED: looked up once per row of a join, the limit
-- would hold for each look and not for all.
WITH due AS MATERIALIZED (
    SELECT trace_id, head FROM pending_embedding
    WHERE user_id = :user_id AND due_at <= :now
    ORDER BY due_at, requested_at LIMIT :most
    FOR UPDATE SKIP LOCKED
)
UPDATE pending_embedding AS p
SET due_at = :lease_until, attempts = least(p.attempts + 1, 1000)
FROM due
WHERE p.user_id = :user_id AND p.trace_id = due.trace_id AND p.head = due.head
RETURNING p.user_id, p.trace_id, p.head, p.requested_at, p.attempts
