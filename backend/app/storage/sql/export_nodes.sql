-- Every entity node that the dream has made, one JSON object a row, oldest first.
SELECT json_build_object(
    'kind', 'node', 'id', id, 'name', content, 'key', source ->> 'key', 'type', meta ->> 'kind',
    'aliases', meta -> 'aliases', 'created_at', created_at
)::text AS line
FROM memory_trace WHERE user_id = :user_id AND role = 'entity' AND source ? 'key'
ORDER BY created_at, id
