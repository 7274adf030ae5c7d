-- Make the facts that :of (traces) say exactly the wanted ones; what is as it should be stays untouched.
-- Gives the subjects about whom something has changed.
WITH wanted AS (
    SELECT * FROM unnest(
        CAST(:subjects AS uuid[]), CAST(:predicates AS text[]), CAST(:objects AS uuid[]),
        CAST(:trace_ids AS uuid[]), CAST(:weights AS real[]), CAST(:functional AS boolean[]),
        CAST(:since AS timestamptz[])
    ) AS w (subject, predicate, object, trace_id, weight, is_functional, valid_from)
),
gone AS (
    DELETE FROM memory_fact AS f
    WHERE f.user_id = :user_id AND f.trace_id = ANY(CAST(:of AS uuid[]))
        AND NOT EXISTS (
            SELECT FROM wanted AS w
            WHERE w.subject = f.subject AND w.predicate = f.predicate AND w.object = f.object
                AND w.trace_id = f.trace_id
        )
    RETURNING f.subject
),
put AS (
    INSERT INTO memory_fact AS f
        (user_id, subject, predicate, object, trace_id, weight, is_functional, valid_from)
    SELECT CAST(:user_id AS uuid), subject, predicate, object, trace_id, weight, is_functional, valid_from
    FROM wanted
    ON CONFLICT (user_id, subject, predicate, object, trace_id) DO UPDATE
    SET weight = excluded.weight, is_functional = excluded.is_functional, valid_from = excluded.valid_from
    WHERE (f.weight, f.is_functional, f.valid_from)
        IS DISTINCT FROM (excluded.weight, excluded.is_functional, excluded.valid_from)
    RETURNING f.subject
)
SELECT subject FROM gone UNION SELECT subject FROM put
