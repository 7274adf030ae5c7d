-- In how many of this person's traces each term occurs.
SELECT term, traces FROM memory_term
WHERE user_id = :user_id AND term = ANY(CAST(:terms AS text[]))
