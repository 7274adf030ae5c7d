-- Every pruned trace, one JSON object a row, oldest first.
SELECT json_build_object(
    'kind', 'pruned_trace', 'id', id, 'created_at', created_at, 'source', source, 'pruned_at', pruned_at,
    'made', made
)::text AS line
FROM pruned_trace WHERE user_id = :user_id
ORDER BY created_at, id
