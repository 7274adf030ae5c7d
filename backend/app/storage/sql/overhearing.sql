-- The traces whose situation has one of these in it: the one before each, and the two after it.
WITH told AS (
    SELECT unnest(CAST(:trace_ids AS uuid[])) AS id
),
after1 AS (
    SELECT e.dst AS id FROM told CROSS JOIN LATERAL (
        SELECT e.dst FROM memory_edge AS e
        WHERE e.user_id = :user_id AND e.src = told.id AND e.type = 'next' OFFSET 0
    ) AS e
)
SELECT id FROM after1
UNION
SELECT e.dst FROM after1 CROSS JOIN LATERAL (
    SELECT e.dst FROM memory_edge AS e
    WHERE e.user_id = :user_id AND e.src = after1.id AND e.type = 'next' OFFSET 0
) AS e
UNION
SELECT e.src FROM told CROSS JOIN LATERAL (
    SELECT e.src FROM memory_edge AS e
    WHERE e.user_id = :user_id AND e.dst = told.id AND e.type = 'next' OFFSET 0
) AS e
