-- The edges among the :most nodes that the seeds lead to most strongly, over edges that are valid at :at, in
-- both directions. A path is as strong as the product of its weights, halved at every hop. A node passes on
-- at most :fan_out edges of each direction, the heaviest and newest first, which is the order of an index:
-- a hub neither slows a recall nor floods it.
WITH RECURSIVE walk AS (
    SELECT seed.id AS node, 0 AS hop, CAST(1 AS float8) AS strength
    FROM unnest(CAST(:seeds AS uuid[])) AS seed (id)
    UNION ALL
    SELECT step.other, walk.hop + 1, walk.strength * step.weight / 2
    FROM walk
    CROSS JOIN LATERAL (
        (
            SELECT e.dst AS other, e.weight FROM memory_edge AS e
            WHERE e.user_id = :user_id AND e.src = walk.node
                AND (e.valid_from IS NULL OR e.valid_from <= :at) AND (e.valid_to IS NULL OR e.valid_to > :at)
            ORDER BY e.weight DESC, e.ts DESC, e.dst LIMIT :fan_out
        )
        UNION ALL
        (
            SELECT e.src, e.weight FROM memory_edge AS e
            WHERE e.user_id = :user_id AND e.dst = walk.node
                AND (e.valid_from IS NULL OR e.valid_from <= :at) AND (e.valid_to IS NULL OR e.valid_to > :at)
            ORDER BY e.weight DESC, e.ts DESC, e.src LIMIT :fan_out
        )
    ) AS step
    WHERE walk.hop < :hops
),
reached AS MATERIALIZED (
    SELECT node FROM walk GROUP BY node ORDER BY max(strength) DESC, node LIMIT :most
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
