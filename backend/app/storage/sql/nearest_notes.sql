-- The notes nearest to a note in meaning, those of :without left out: the sketches of all are compared with
-- that of its beginning, then the vectors of the :compared nearest. With each comes in how many bits the
-- sketches differ on average, and how many were compared. OFFSET 0 keeps a LATERAL a probe of a primary key.
WITH mine AS MATERIALIZED (
    SELECT e.vec, s.sketch
    FROM note AS n
    JOIN memory_trace AS t ON t.user_id = :user_id AND t.id = n.trace_id
    JOIN memory_sketch AS s ON s.user_id = :user_id AND s.head = 'semantic'
        AND s.created_at = t.created_at AND s.trace_id = t.id AND s.chunk = 0
    CROSS JOIN LATERAL (
        SELECT e.vec FROM memory_embedding AS e
        WHERE e.user_id = :user_id AND e.trace_id = t.id AND e.head = 'semantic' AND e.chunk = 0
            AND e.created_at = t.created_at OFFSET 0
    ) AS e
    WHERE n.user_id = :user_id AND n.id = :note_id
),
compared AS MATERIALIZED (
    SELECT
        n.id AS note_id, s.trace_id, s.created_at, s.chunk,
        differing_bits(s.sketch, mine.sketch) AS bits
    FROM mine
    CROSS JOIN note AS n
    JOIN memory_sketch AS s ON s.user_id = :user_id AND s.head = 'semantic' AND s.trace_id = n.trace_id
    WHERE n.user_id = :user_id AND n.id <> :note_id
),
usual AS (
    SELECT avg(bits) AS bits, count(DISTINCT note_id) AS notes FROM compared
),
near AS (
    SELECT * FROM compared WHERE note_id <> ALL(CAST(:without AS uuid[]))
    ORDER BY bits, note_id LIMIT :compared
)
SELECT near.note_id, max(1 - (e.vec <=> mine.vec)) AS similarity, usual.bits AS usual, usual.notes
FROM near
CROSS JOIN mine
CROSS JOIN usual
CROSS JOIN LATERAL (
    SELECT e.vec FROM memory_embedding AS e
    WHERE e.user_id = :user_id AND e.trace_id = near.trace_id AND e.head = 'semantic'
        AND e.chunk = near.chunk AND e.created_at = near.created_at OFFSET 0
) AS e
GROUP BY near.note_id, usual.bits, usual.notes
ORDER BY similarity DESC, near.note_id LIMIT :most
