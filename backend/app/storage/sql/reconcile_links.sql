-- Make the references that follow from the links of the notes :sources exactly what their texts say. A link
-- stays with the note that it leads to while that has the title; a new one leads to the oldest note of the
-- title. What somebody connected themselves is not touched.
WITH linked AS (
    SELECT l.note_id, l.title_key FROM note_link AS l
    WHERE l.user_id = :user_id AND l.note_id = ANY(CAST(:sources AS uuid[]))
),
held AS (
    SELECT c.source_note_id AS source, c.target_note_id AS target, n.title_key
    FROM note_connection AS c
    JOIN note AS n ON n.user_id = :user_id AND n.id = c.target_note_id
    JOIN linked ON linked.note_id = c.source_note_id AND linked.title_key = n.title_key
    WHERE c.user_id = :user_id AND c.connection_type = 'reference'
),
gone AS (
    DELETE FROM note_connection AS c
    WHERE c.user_id = :user_id AND c.source_note_id = ANY(CAST(:sources AS uuid[]))
        AND c.connection_type = 'reference' AND c.origin = 'link'
        AND NOT EXISTS (
            SELECT FROM held WHERE held.source = c.source_note_id AND held.target = c.target_note_id
        )
)
INSERT INTO note_connection
    (user_id, id, source_note_id, target_note_id, connection_type, strength, origin, created_at)
SELECT CAST(:user_id AS uuid), gen_random_uuid(), linked.note_id, oldest.id, 'reference', 100, 'link', :now
FROM linked
CROSS JOIN LATERAL (
    SELECT n.id FROM note AS n
    WHERE n.user_id = :user_id AND n.title_key = linked.title_key AND n.id <> linked.note_id
    ORDER BY n.created_at, n.id LIMIT 1
) AS oldest
WHERE NOT EXISTS (
    SELECT FROM held WHERE held.source = linked.note_id AND held.title_key = linked.title_key
)
ON CONFLICT (user_id, source_note_id, target_note_id, connection_type) DO NOTHING
