-- The words of one person that are about as long as a misspelt one and begin with its first letter or its
-- second: what may have been meant, in two lists. How like they are is for others to say.
SELECT array_agg(t.term) AS terms, array_agg(t.traces) AS traces
FROM memory_term AS t
WHERE t.user_id = :user_id AND length(t.term) BETWEEN :shortest AND :longest
    AND left(t.term, 1) = ANY(CAST(:initials AS text[]))
