-- An insight out of an export, unless it is there, or something that it rests on is not: with nothing to
-- rest on, no forgetting would reach it.
WITH added AS (
    INSERT INTO dream_insight (user_id, id, kind, day, text, helpful)
    SELECT CAST(:user_id AS uuid), CAST(:id AS uuid), CAST(:kind AS text), CAST(:day AS date),
        CAST(:text AS text), CAST(:helpful AS boolean)
    WHERE cardinality(CAST(:evidence AS uuid[])) > 0 AND NOT EXISTS (
        SELECT FROM unnest(CAST(:evidence AS uuid[])) AS e (id)
        WHERE NOT EXISTS (SELECT FROM memory_trace AS t WHERE t.user_id = :user_id AND t.id = e.id)
    )
    ON CONFLICT (user_id, id) DO NOTHING
    RETURNING id
),
evidence AS (
    INSERT INTO insight_evidence (user_id, insight_id, trace_id)
    SELECT CAST(:user_id AS uuid), added.id, e.id
    FROM added CROSS JOIN unnest(CAST(:evidence AS uuid[])) AS e (id)
)
SELECT count(*) AS insights FROM added
