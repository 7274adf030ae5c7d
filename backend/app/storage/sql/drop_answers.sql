-- The kept answers of writes of which a trace is named by this tombstone.
DELETE FROM idempotency_key AS k
WHERE k.user_id = :user_id AND EXISTS (
    SELECT FROM unnest(k.trace_ids) AS written (id)
    JOIN memory_forgotten AS f ON f.user_id = :user_id AND f.trace_id = written.id
    WHERE f.tombstone_id = :tombstone_id
)
