-- One and two hops from the seeds over edges that are valid at :at, in both directions. A node passes
-- on at most :fan_out edges of each direction, the heaviest and newest first, so that a hub neither
-- slows a recall nor floods it.
WITH RECURSIVE walk AS (
    SELECT seed.id AS node, 0 AS hop FROM unnest(CAST(:seeds AS uuid[])) AS seed (id)
    UNION
    SELECT step.other, walk.hop + 1
    FROM walk
    CROSS JOIN LATERAL (
        (
            SELECT e.dst AS other FROM memory_edge AS e
            WHERE e.user_id = :user_id AND e.src = walk.node
                AND (e.valid_from IS NULL OR e.valid_from <= :at) AND (e.valid_to IS NULL OR e.valid_to > :at)
            ORDER BY e.weight DESC, e.ts DESC, e.dst LIMIT :fan_out
        )
        UNION ALL
        (
            SELECT e.src FROM memory_edge AS e
            WHERE e.user_id = :user_id AND e.dst = walk.node
                AND (e.valid_from IS NULL OR e.valid_from <= :at) AND (e.valid_to IS NULL OR e.valid_to > :at)
            ORDER BY e.weight DESC, e.ts DESC, e.src LIMIT :fan_out
        )
    ) AS step
    WHERE walk.hop < :hops
),
reached AS (
    SELECT DISTINCT node FROM walk
)
SELECT e.src, e.dst, e.type, e.weight
FROM reached
CROSS JOIN LATERAL (
    SELECT e.src, e.dst, e.type, e.weight FROM memory_edge AS e
    WHERE e.user_id = :user_id AND e.src = reached.node
        AND (e.valid_from IS NULL OR e.valid_from <= :at) AND (e.valid_to IS NULL OR e.valid_to > :at)
    ORDER BY e.weight DESC, e.ts DESC, e.dst LIMIT :fan_out
) AS e
WHERE e.dst IN (SELECT node FROM reached)
