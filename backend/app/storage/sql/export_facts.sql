-- Every fact, one JSON object a row. Until when it holds follows from the others.
SELECT json_build_object(
    'kind', 'fact', 'subject', subject, 'predicate', predicate, 'object', object, 'trace_id', trace_id,
    'weight', weight, 'is_functional', is_functional, 'since', valid_from
)::text AS line
FROM memory_fact WHERE user_id = :user_id
ORDER BY subject, predicate, object, trace_id
