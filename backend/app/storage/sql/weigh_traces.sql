-- What a forgetting is about to take away, store by store, for its tombstone.
SELECT
    (SELECT count(*) FROM memory_trace
        WHERE user_id = :user_id AND id = ANY(CAST(:trace_ids AS uuid[]))) AS traces,
    (SELECT count(*) FROM pruned_trace AS p
        WHERE p.user_id = :user_id AND p.id = ANY(CAST(:trace_ids AS uuid[])) AND NOT EXISTS (
            SELECT FROM memory_trace AS t WHERE t.user_id = :user_id AND t.id = p.id
        )) AS pruned,
    (SELECT count(*) FROM memory_embedding
        WHERE user_id = :user_id AND trace_id = ANY(CAST(:trace_ids AS uuid[]))) AS embeddings,
    (SELECT count(*) FROM memory_edge
        WHERE user_id = :user_id
            AND (src = ANY(CAST(:trace_ids AS uuid[])) OR dst = ANY(CAST(:trace_ids AS uuid[])))) AS edges,
    (SELECT count(*) FROM memory_posting
        WHERE user_id = :user_id AND trace_id = ANY(CAST(:trace_ids AS uuid[]))) AS postings,
    (SELECT count(*) FROM memory_fact
        WHERE user_id = :user_id AND (
            trace_id = ANY(CAST(:trace_ids AS uuid[]))
            OR subject = ANY(CAST(:trace_ids AS uuid[])) OR object = ANY(CAST(:trace_ids AS uuid[]))
        )) AS facts
