-- The traces whose best chunk is nearest to the question, :most of one head, among chunks whose sketches were
-- compared elsewhere; :moments are microseconds since 2000. As nearest_sketched.sql, without its first part.
-- OFFSET 0 keeps every LATERAL a probe of a primary key.
SELECT
    near.trace_id, CAST(:head AS text) AS head, max(1 - (e.vec <=> :question)) AS similarity,
    CAST(:sketched AS bigint) AS sketched, CAST(:furthest AS float8) AS furthest
FROM unnest(
    CAST(:trace_ids AS uuid[]), CAST(:moments AS bigint[]), CAST(:chunks AS smallint[])
) AS near (trace_id, moment, chunk)
CROSS JOIN LATERAL (
    SELECT e.vec FROM memory_embedding AS e
    WHERE e.user_id = :user_id AND e.trace_id = near.trace_id AND e.head = :head AND e.chunk = near.chunk
        AND e.created_at = timestamptz '2000-01-01 00:00+00' + near.moment * interval '1 microsecond' OFFSET 0
) AS e
WHERE NOT :of_notes
    OR EXISTS (SELECT FROM note AS n WHERE n.user_id = :user_id AND n.trace_id = near.trace_id)
GROUP BY near.trace_id
ORDER BY similarity DESC, near.trace_id LIMIT :most
