-- Everything of every trace that is not made from its content, one JSON object a row, oldest first;
-- the dream's entity nodes have lines of their own.
SELECT json_build_object(
    'kind', 'trace', 'id', id, 'content', content, 'role', role, 'created_at', created_at,
    'salience', salience, 'source', source, 'meta', meta, 'pinned', pinned,
    'access_count', access_count, 'last_accessed_at', last_accessed_at, 'faded_at', faded_at,
    'corrected_at', corrected_at
)::text AS line
FROM memory_trace WHERE user_id = :user_id AND NOT (role = 'entity' AND source ? 'key')
ORDER BY created_at, id
