-- The sketches of one head that were written after :since, :most at most, as one value: records of the same
-- length, which storage/held_sketches.py describes; and when the latest was written, all of one snapshot.
-- ORDER BY and LIMIT keep it to the index of these moments, however few or many there are.
SELECT
    u.generation, coalesce(found.records, '') AS records,
    (
        SELECT max(s.written_at) FROM memory_sketch AS s WHERE s.user_id = :user_id AND s.head = :head
    ) AS sketched_at
FROM memory_usage AS u
CROSS JOIN LATERAL (
    SELECT string_agg(
        uuid_send(s.trace_id) || timestamptz_send(s.created_at) || int2send(s.chunk)
            || boolsend(
                t.role = 'note'
                AND EXISTS (SELECT FROM note AS n WHERE n.user_id = :user_id AND n.trace_id = t.id)
            )
            || bit_send(s.sketch), ''
    ) AS records
    FROM (
        SELECT * FROM memory_sketch AS s
        WHERE s.user_id = :user_id AND s.head = :head AND s.written_at > :since
        ORDER BY s.written_at LIMIT :most
    ) AS s
    JOIN memory_trace AS t ON t.user_id = :user_id AND t.id = s.trace_id
) AS found
WHERE u.user_id = :user_id
