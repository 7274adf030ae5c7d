-- The words of one person that are about as long as a misspelt one, begin with its first letter or its second
-- and share a piece with it: what may have been meant, in two lists. How like they are is for others to say.
SELECT array_agg(t.term) AS terms, array_agg(t.traces) AS traces
FROM memory_term AS t
WHERE t.user_id = :user_id AND length(t.term) BETWEEN :shortest AND :longest
    AND (
        starts_with(t.term, :first) OR right(t.term, length(:last)) = :last
        OR strpos(t.term, CAST(:middle AS text)) > 0
    )
    AND (starts_with(t.term, :initial) OR starts_with(t.term, :second))
