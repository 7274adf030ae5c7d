-- Every note, one JSON object a row, oldest first. What it links to follows from its text.
SELECT json_build_object(
    'kind', 'note', 'id', id, 'title', title, 'content', content, 'version', version,
    'trace_id', trace_id, 'created_at', created_at, 'updated_at', updated_at
)::text AS line
FROM note WHERE user_id = :user_id
ORDER BY created_at, id
