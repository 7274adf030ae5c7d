-- The tables that Citus does not know yet, in the order in which it takes them: shared ones first (they are
-- copied to every node), then people's, each after those that it refers to. Partitions follow their table,
-- and Alembic's own table stays where it is.
WITH RECURSIVE ours AS (
    SELECT c.oid, c.relname AS name, EXISTS (
        SELECT FROM pg_attribute AS a
        WHERE a.attrelid = c.oid AND a.attname = 'user_id' AND NOT a.attisdropped
    ) AS is_peoples
    FROM pg_class AS c
    WHERE c.relnamespace = CAST(:schema AS regnamespace) AND c.relkind IN ('r', 'p')
        AND NOT c.relispartition AND c.relname <> 'alembic_version'
),
reaching AS (
    SELECT oid, 0 AS depth FROM ours
    UNION
    SELECT f.conrelid, reaching.depth + 1 FROM reaching
    JOIN pg_constraint AS f
        ON f.confrelid = reaching.oid AND f.contype = 'f' AND f.conrelid <> f.confrelid
    JOIN ours ON ours.oid = f.conrelid
)
SELECT ours.name, ours.is_peoples
FROM ours JOIN reaching USING (oid)
WHERE NOT EXISTS (SELECT FROM pg_dist_partition AS p WHERE p.logicalrelid = ours.oid)
GROUP BY ours.name, ours.is_peoples
ORDER BY ours.is_peoples, max(reaching.depth), ours.name
