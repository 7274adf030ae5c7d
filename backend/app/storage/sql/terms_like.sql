-- The words of one person that are about as long as a misspelt one and begin with its first letter or its
-- second: what may have been meant. How like they are is for others to say.
SELECT t.term, t.traces
FROM memory_term AS t
WHERE t.user_id = :user_id AND length(t.term) BETWEEN :shortest AND :longest
    AND left(t.term, 1) = ANY(CAST(:initials AS text[]))
