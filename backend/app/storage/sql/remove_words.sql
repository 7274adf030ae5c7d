-- Take these traces out of the word index: their postings go, and a term that nobody says any more
-- leaves the vocabulary.
WITH gone AS (
    DELETE FROM memory_posting
    WHERE user_id = :user_id AND trace_id = ANY(CAST(:trace_ids AS uuid[]))
    RETURNING term
),
fewer AS (
    SELECT term, count(*) AS traces FROM gone GROUP BY term
),
counted AS (
    UPDATE memory_term AS t SET traces = t.traces - f.traces
    FROM fewer AS f
    WHERE t.user_id = :user_id AND t.term = f.term AND t.traces > f.traces
)
DELETE FROM memory_term AS t USING fewer AS f
WHERE t.user_id = :user_id AND t.term = f.term AND t.traces <= f.traces
