-- BM25 with OR semantics (Robertson & Zaragoza 2009). A word's postings are one range of the primary
-- key, so the cost is the number of traces that say it, not of all traces.
SELECT
    p.trace_id,
    sum(
        asked.idf * p.frequency * (CAST(:k1 AS float8) + 1)
        / (p.frequency + :k1 * (1 - CAST(:b AS float8) + :b * p.length / CAST(:average_length AS float8)))
    ) AS bm25
FROM unnest(CAST(:terms AS text[]), CAST(:idfs AS float8[])) AS asked (term, idf)
JOIN memory_posting AS p ON p.user_id = :user_id AND p.term = asked.term
WHERE :is_open OR EXISTS (
    SELECT FROM memory_trace AS t
    WHERE t.user_id = p.user_id AND t.id = p.trace_id
        AND t.created_at >= :since AND t.created_at < :until
        AND (CAST(:role AS text) IS NULL OR t.role = :role)
        AND (CAST(:source AS text) IS NULL OR t.source ->> 'type' = :source)
)
GROUP BY p.trace_id
ORDER BY bm25 DESC, p.trace_id
LIMIT :most
