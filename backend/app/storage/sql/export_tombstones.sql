-- Every tombstone, one JSON object a row, oldest first.
SELECT json_build_object(
    'kind', 'tombstone', 'id', id, 'scope', scope, 'target', target, 'forgotten_at', forgotten_at,
    'counts', counts
)::text AS line
FROM memory_tombstone WHERE user_id = :user_id
ORDER BY forgotten_at, id
