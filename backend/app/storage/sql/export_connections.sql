-- Every connection between notes, one JSON object a row, oldest first.
SELECT json_build_object(
    'kind', 'connection', 'id', id, 'source_note_id', source_note_id,
    'target_note_id', target_note_id, 'connection_type', connection_type, 'strength', strength,
    'origin', origin, 'created_at', created_at
)::text AS line
FROM note_connection WHERE user_id = :user_id
ORDER BY created_at, id
