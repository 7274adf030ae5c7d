-- The sketches of one head that were written after :since, as one value: records of the same length, which
-- storage/held_sketches.py describes; and up to when that is, all of one snapshot.
SELECT u.generation, u.sketched_at, coalesce(found.records, '') AS records
FROM memory_usage AS u
CROSS JOIN LATERAL (
    SELECT string_agg(
        uuid_send(s.trace_id) || timestamptz_send(s.created_at) || int2send(s.chunk)
            || boolsend(t.role = 'note') || bit_send(s.sketch), ''
    ) AS records
    FROM memory_sketch AS s
    JOIN memory_trace AS t ON t.user_id = :user_id AND t.id = s.trace_id
    WHERE s.user_id = :user_id AND s.head = :head AND s.written_at > :since
) AS found
WHERE u.user_id = :user_id
