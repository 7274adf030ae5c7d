-- The traces whose best chunk is nearest to the question, :most of each head. The :sketched nearest sketches
-- are found first, by comparing all in scope; then their vectors are compared exactly. With each trace comes
-- how many sketches there were and in how many bits the furthest of them differs.
-- OFFSET 0 keeps every LATERAL a probe of a primary key.
WITH sketched AS MATERIALIZED (
    SELECT asked.head, s.trace_id, s.created_at, s.chunk, s.bits
    FROM unnest(CAST(:heads AS text[])) AS asked (head)
    CROSS JOIN LATERAL (
        SELECT s.trace_id, s.created_at, s.chunk, differing_bits(s.sketch, CAST(:sketch AS bit(1024))) AS bits
        FROM memory_sketch AS s
        WHERE s.user_id = :user_id AND s.head = asked.head
            AND s.created_at >= :since AND s.created_at < :until
            AND (NOT :of_notes OR s.trace_id IN (
                SELECT n.trace_id FROM note AS n WHERE n.user_id = :user_id AND n.trace_id IS NOT NULL
            ))
            AND ((CAST(:role AS text) IS NULL AND CAST(:source AS text) IS NULL) OR EXISTS (
                SELECT FROM memory_trace AS t
                WHERE t.user_id = s.user_id AND t.id = s.trace_id
                    AND t.role = coalesce(:role, t.role)
                    AND t.source ->> 'type' = coalesce(:source, t.source ->> 'type')
            ))
        ORDER BY bits, s.trace_id LIMIT :sketched
    ) AS s
),
seen AS (
    SELECT head, count(*) AS sketched, max(bits) AS furthest FROM sketched GROUP BY head
),
best AS (
    SELECT sketched.trace_id, sketched.head, max(1 - (e.vec <=> :question)) AS similarity
    FROM sketched
    CROSS JOIN LATERAL (
        SELECT e.vec FROM memory_embedding AS e
        WHERE e.user_id = :user_id AND e.trace_id = sketched.trace_id AND e.head = sketched.head
            AND e.chunk = sketched.chunk AND e.created_at = sketched.created_at OFFSET 0
    ) AS e
    GROUP BY sketched.trace_id, sketched.head
),
ranked AS (
    SELECT *, row_number() OVER (PARTITION BY head ORDER BY similarity DESC, trace_id) AS place FROM best
)
SELECT ranked.trace_id, ranked.head, ranked.similarity, seen.sketched, seen.furthest
FROM ranked JOIN seen ON seen.head = ranked.head
WHERE ranked.place <= :most
