-- BM25 with OR semantics (Robertson & Zaragoza 2009), without its factor k1 + 1, which orders nothing: :flat is
-- k1 (1 - b), :slope is k1 b / average length. A word's postings are one range of the primary key, so the cost
-- is the number of traces that say it, not of all traces. Which traces are of notes is read once.
SELECT p.trace_id, sum(asked.idf * p.frequency / (p.frequency + :flat + :slope * p.length)) AS bm25
FROM unnest(CAST(:terms AS text[]), CAST(:idfs AS float8[])) AS asked (term, idf)
JOIN memory_posting AS p ON p.user_id = :user_id AND p.term = asked.term
WHERE (NOT :of_notes OR p.trace_id IN (
        SELECT n.trace_id FROM note AS n WHERE n.user_id = :user_id AND n.trace_id IS NOT NULL
    ))
    AND (:is_open OR EXISTS (
        SELECT FROM memory_trace AS t
        WHERE t.user_id = p.user_id AND t.id = p.trace_id
            AND t.created_at >= :since AND t.created_at < :until
            AND (CAST(:role AS text) IS NULL OR t.role = :role)
            AND (CAST(:source AS text) IS NULL OR t.source ->> 'type' = :source)
    ))
GROUP BY p.trace_id
ORDER BY bm25 DESC, p.trace_id
LIMIT :most
