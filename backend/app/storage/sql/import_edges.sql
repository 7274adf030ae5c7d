-- Edges out of an export, between traces that are both there. Turns of a conversation are threaded
-- when they are written: of their edges only weight and time are taken over.
WITH given AS (
    SELECT * FROM unnest(
        CAST(:src AS uuid[]), CAST(:dst AS uuid[]), CAST(:types AS text[]), CAST(:weights AS real[]),
        CAST(:ts AS timestamptz[]), CAST(:valid_from AS timestamptz[]), CAST(:valid_to AS timestamptz[])
    ) AS e (src, dst, type, weight, ts, valid_from, valid_to)
),
threaded AS (
    UPDATE memory_edge AS e
    SET weight = g.weight, ts = g.ts, valid_from = g.valid_from, valid_to = g.valid_to
    FROM given AS g
    WHERE e.user_id = :user_id AND g.type = 'next'
        AND e.src = g.src AND e.dst = g.dst AND e.type = g.type
    RETURNING e.src
),
added AS (
    INSERT INTO memory_edge (user_id, src, dst, type, weight, ts, valid_from, valid_to)
    SELECT CAST(:user_id AS uuid), g.src, g.dst, g.type, g.weight, g.ts, g.valid_from, g.valid_to
    FROM given AS g
    WHERE g.type <> 'next'
        AND EXISTS (SELECT FROM memory_trace AS t WHERE t.user_id = :user_id AND t.id = g.src)
        AND EXISTS (SELECT FROM memory_trace AS t WHERE t.user_id = :user_id AND t.id = g.dst)
    ON CONFLICT (user_id, src, dst, type) DO NOTHING
    RETURNING src
)
SELECT (SELECT count(*) FROM threaded) + (SELECT count(*) FROM added) AS edges
