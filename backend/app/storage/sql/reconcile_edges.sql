-- Make the edges of one type that leave :of exactly the wanted ones; what is as it should be stays
-- untouched. Tells for each edge that was written whether it is new.
WITH wanted AS (
    SELECT * FROM unnest(
        CAST(:src AS uuid[]), CAST(:dst AS uuid[]), CAST(:weight AS real[]), CAST(:ts AS timestamptz[])
    ) AS w (src, dst, weight, ts)
),
gone AS (
    DELETE FROM memory_edge AS e
    WHERE e.user_id = :user_id AND e.type = :type AND e.src = ANY(CAST(:of AS uuid[]))
        AND NOT EXISTS (SELECT FROM wanted AS w WHERE w.src = e.src AND w.dst = e.dst)
)
INSERT INTO memory_edge AS e (user_id, src, dst, type, weight, ts)
SELECT CAST(:user_id AS uuid), src, dst, :type, weight, ts FROM wanted
ON CONFLICT (user_id, src, dst, type) DO UPDATE SET weight = excluded.weight, ts = excluded.ts
WHERE (e.weight, e.ts) IS DISTINCT FROM (excluded.weight, excluded.ts)
RETURNING xmax = 0 AS is_new
