-- How much this person has, when a sketch of what they said was last written, and in how many of their traces
-- each of these terms occurs: one row a known term, or one row without a term.
SELECT
    u.generation, u.traces, u.terms, t.term, t.traces AS saying,
    (
        SELECT max(s.written_at) FROM memory_sketch AS s
        WHERE s.user_id = :user_id AND s.head = 'semantic'
    ) AS sketched_at
FROM memory_usage AS u
LEFT JOIN memory_term AS t ON t.user_id = u.user_id AND t.term = ANY(CAST(:terms AS text[]))
WHERE u.user_id = :user_id
