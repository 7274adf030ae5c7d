-- Every edge, one JSON object a row.
SELECT json_build_object(
    'kind', 'edge', 'src', src, 'dst', dst, 'type', type, 'weight', weight, 'ts', ts,
    'valid_from', valid_from, 'valid_to', valid_to
)::text AS line
FROM memory_edge WHERE user_id = :user_id
ORDER BY src, dst, type
