-- Which other notes speak of what a note speaks of. Names of its text are looked for by the rarest of their
-- terms, unless more than :most traces say even that one, and then in the text itself; entities by the edges
-- that the dream has drawn from both traces. The names of the text are given in lower case.
WITH rarest AS (
    SELECT DISTINCT ON (asked.name) asked.name, t.term, t.traces
    FROM unnest(CAST(:names AS text[]), CAST(:terms AS text[])) AS asked (name, term)
    JOIN memory_term AS t ON t.user_id = :user_id AND t.term = asked.term
    ORDER BY asked.name, t.traces, t.term
)
SELECT rarest.name, n.id AS note_id
FROM rarest
JOIN memory_posting AS p ON p.user_id = :user_id AND p.term = rarest.term
JOIN note AS n ON n.user_id = :user_id AND n.trace_id = p.trace_id
WHERE rarest.traces <= :most AND n.id <> :note_id
    AND position(rarest.name IN lower(n.title || ' ' || n.content)) > 0
UNION
SELECT e.content, n.id
FROM note AS mine
JOIN memory_edge AS m ON m.user_id = :user_id AND m.src = mine.trace_id AND m.type = 'mentions'
JOIN memory_trace AS e ON e.user_id = :user_id AND e.id = m.dst AND e.meta ->> 'kind' <> 'self'
JOIN memory_edge AS o ON o.user_id = :user_id AND o.dst = m.dst AND o.type = 'mentions'
JOIN note AS n ON n.user_id = :user_id AND n.trace_id = o.src
WHERE mine.user_id = :user_id AND mine.id = :note_id AND n.id <> :note_id
