-- The newest :most traces with an edge to both of two nodes. The edges of the node that has fewer are read
-- first; of each, the other edge is a probe of the primary key.
WITH busier AS (
    SELECT CASE WHEN (
        SELECT count(*) FROM (
            SELECT FROM memory_edge AS e WHERE e.user_id = :user_id AND e.dst = :one LIMIT 2000
        ) AS a
    ) > (
        SELECT count(*) FROM (
            SELECT FROM memory_edge AS e WHERE e.user_id = :user_id AND e.dst = :other LIMIT 2000
        ) AS b
    ) THEN CAST(:one AS uuid) ELSE CAST(:other AS uuid) END AS id
)
SELECT a.src AS id
FROM busier
CROSS JOIN LATERAL (
    SELECT e.src, e.ts FROM memory_edge AS e
    WHERE e.user_id = :user_id AND e.dst IN (:one, :other) AND e.dst <> busier.id
    ORDER BY e.weight DESC, e.ts DESC, e.src LIMIT 2000
) AS a
WHERE EXISTS (
    SELECT FROM memory_edge AS b WHERE b.user_id = :user_id AND b.src = a.src AND b.dst = busier.id
)
GROUP BY a.src
ORDER BY max(a.ts) DESC, a.src LIMIT :most
