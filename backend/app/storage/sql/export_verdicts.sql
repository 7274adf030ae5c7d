-- What somebody has said of suggestions, one JSON object a row.
SELECT json_build_object(
    'kind', 'verdict', 'note_id', note_id, 'other_id', other_id, 'verdict', verdict,
    'judged_at', judged_at
)::text AS line
FROM note_suggestion WHERE user_id = :user_id
ORDER BY note_id, other_id
