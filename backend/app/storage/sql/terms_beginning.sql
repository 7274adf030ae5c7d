-- The words of one person that begin as :typed or as :stem does, the most used ones first.
SELECT t.term, t.traces
FROM memory_term AS t
WHERE t.user_id = :user_id AND (starts_with(t.term, :typed) OR starts_with(t.term, :stem))
ORDER BY t.traces DESC, t.term LIMIT :most
