-- Of each of these nodes the :fan_out heaviest and newest edges that leave it and as many that lead to it,
-- among those valid at :at. Of a hub only the first few are read, in the order of an index. An edge between
-- two of the nodes comes once.
SELECT DISTINCT e.src, e.dst, e.type, e.weight, e.ts, e.valid_from, e.valid_to
FROM unnest(CAST(:nodes AS uuid[])) AS node (id)
CROSS JOIN LATERAL (
    (
        SELECT e.src, e.dst, e.type, e.weight, e.ts, e.valid_from, e.valid_to FROM memory_edge AS e
        WHERE e.user_id = :user_id AND e.src = node.id
            AND (e.valid_from IS NULL OR e.valid_from <= :at) AND (e.valid_to IS NULL OR e.valid_to > :at)
        ORDER BY e.weight DESC, e.ts DESC, e.dst, e.type LIMIT :fan_out
    )
    UNION ALL
    (
        SELECT e.src, e.dst, e.type, e.weight, e.ts, e.valid_from, e.valid_to FROM memory_edge AS e
        WHERE e.user_id = :user_id AND e.dst = node.id
            AND (e.valid_from IS NULL OR e.valid_from <= :at) AND (e.valid_to IS NULL OR e.valid_to > :at)
        ORDER BY e.weight DESC, e.ts DESC, e.src, e.type LIMIT :fan_out
    )
) AS e
