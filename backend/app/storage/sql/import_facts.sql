-- Facts out of an export, whose ends and whose trace are all there. Gives their subjects.
INSERT INTO memory_fact
    (user_id, subject, predicate, object, trace_id, weight, is_functional, valid_from)
SELECT CAST(:user_id AS uuid), subject, predicate, object, trace_id, weight, is_functional, valid_from
FROM unnest(
    CAST(:subjects AS uuid[]), CAST(:predicates AS text[]), CAST(:objects AS uuid[]),
    CAST(:trace_ids AS uuid[]), CAST(:weights AS real[]), CAST(:functional AS boolean[]),
    CAST(:since AS timestamptz[])
) AS g (subject, predicate, object, trace_id, weight, is_functional, valid_from)
WHERE 3 = (
    SELECT count(*) FROM unnest(ARRAY[g.subject, g.object, g.trace_id]) AS e (id)
    WHERE EXISTS (SELECT FROM memory_trace AS t WHERE t.user_id = :user_id AND t.id = e.id)
)
ON CONFLICT (user_id, subject, predicate, object, trace_id) DO NOTHING
RETURNING subject
