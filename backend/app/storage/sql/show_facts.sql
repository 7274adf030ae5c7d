-- Rebuild the relation edges of these subjects out of the facts that there are. A fact of a relation
-- that admits one object at a time ends where the next fact about its subject names another object; the
-- edge shows the latest time that its object held.
-- Example: lives_in Porto (2024), lives_in Lisbon (2025) -> Porto is valid from 2024 to 2025, Lisbon
-- from 2025 on. When the trace about Lisbon is forgotten, Porto is valid from 2024 on again.
WITH closed AS MATERIALIZED (
    SELECT f.subject, f.predicate, f.object, f.trace_id, f.weight, f.valid_from,
        CASE WHEN f.is_functional THEN (
            SELECT min(g.valid_from) FROM memory_fact AS g
            WHERE g.user_id = :user_id AND g.subject = f.subject AND g.predicate = f.predicate
                AND g.object <> f.object AND g.valid_from > f.valid_from
        ) END AS valid_to
    FROM memory_fact AS f
    WHERE f.user_id = :user_id AND f.subject = ANY(CAST(:subjects AS uuid[]))
),
facts AS (
    UPDATE memory_fact AS f SET valid_to = closed.valid_to
    FROM closed
    WHERE f.user_id = :user_id AND f.subject = closed.subject AND f.predicate = closed.predicate
        AND f.object = closed.object AND f.trace_id = closed.trace_id
        AND f.valid_to IS DISTINCT FROM closed.valid_to
),
latest AS (
    SELECT DISTINCT ON (subject, predicate, object) subject, predicate, object, valid_from AS ts, valid_to
    FROM closed ORDER BY subject, predicate, object, valid_from DESC, trace_id
),
shown AS (
    SELECT l.subject, l.predicate, l.object, l.ts, l.valid_to,
        max(c.weight) AS weight, min(c.valid_from) AS valid_from
    FROM latest AS l
    JOIN closed AS c ON c.subject = l.subject AND c.predicate = l.predicate AND c.object = l.object
        AND c.valid_to IS NOT DISTINCT FROM l.valid_to
    GROUP BY l.subject, l.predicate, l.object, l.ts, l.valid_to
),
gone AS (
    DELETE FROM memory_edge AS e
    WHERE e.user_id = :user_id AND e.src = ANY(CAST(:subjects AS uuid[]))
        AND e.type NOT IN ('next', 'summary_of', 'mentions')
        AND NOT EXISTS (
            SELECT FROM shown AS s WHERE s.subject = e.src AND s.object = e.dst AND s.predicate = e.type
        )
)
INSERT INTO memory_edge AS e (user_id, src, dst, type, weight, ts, valid_from, valid_to)
SELECT CAST(:user_id AS uuid), subject, object, predicate, weight, ts, valid_from, valid_to FROM shown
ON CONFLICT (user_id, src, dst, type) DO UPDATE
SET weight = excluded.weight, ts = excluded.ts,
    valid_from = excluded.valid_from, valid_to = excluded.valid_to
WHERE (e.weight, e.ts, e.valid_from, e.valid_to)
    IS DISTINCT FROM (excluded.weight, excluded.ts, excluded.valid_from, excluded.valid_to)
RETURNING xmax = 0 AS is_new
