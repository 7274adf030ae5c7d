-- The :most heaviest edges between these nodes, of those valid at :at. OFFSET 0 keeps the edges of a node one
-- range of the primary key: the planner would rather probe it for every pair.
SELECT e.src, e.dst, e.type, e.weight, e.ts, e.valid_from, e.valid_to
FROM unnest(CAST(:nodes AS uuid[])) AS node (id)
CROSS JOIN LATERAL (
    SELECT e.src, e.dst, e.type, e.weight, e.ts, e.valid_from, e.valid_to FROM memory_edge AS e
    WHERE e.user_id = :user_id AND e.src = node.id
        AND (e.valid_from IS NULL OR e.valid_from <= :at) AND (e.valid_to IS NULL OR e.valid_to > :at)
    OFFSET 0
) AS e
WHERE e.dst IN (SELECT unnest(CAST(:nodes AS uuid[])))
ORDER BY e.weight DESC, e.ts DESC, e.src, e.dst, e.type LIMIT :most
