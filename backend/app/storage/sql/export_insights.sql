-- Every insight with the traces that it rests on, one JSON object a row, oldest first.
SELECT json_build_object(
    'kind', 'insight', 'id', i.id, 'pattern', i.kind, 'day', i.day, 'text', i.text, 'helpful', i.helpful,
    'evidence', ARRAY(
        SELECT v.trace_id FROM insight_evidence AS v
        WHERE v.user_id = :user_id AND v.insight_id = i.id ORDER BY v.trace_id
    )
)::text AS line
FROM dream_insight AS i WHERE i.user_id = :user_id
ORDER BY i.day, i.id
