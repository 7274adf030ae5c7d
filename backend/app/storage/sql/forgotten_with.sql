-- What the dream made of these traces and must go with them, before they go:
--   summary  every summary of them, every one of a day that reaches into the span :since to :until, whose
--            traces may be gone already, and every summary of such a summary; its period is dreamt again
--   entity   the nodes whose name stands in no other trace that mentions them (the person's own node is
--            named by nobody)
--   again    the periods whose traces mention such a node by another name: they name it anew
--   subject  about whom a fact was known from them, or with such a node in it
--   insight  what rests on them or on such a summary, or has a name in it that goes: its evidence is only a
--            few of the traces that mention somebody
WITH RECURSIVE told AS (
    SELECT unnest(CAST(:trace_ids AS uuid[])) AS id
),
summary AS (
    SELECT e.src AS id FROM told
    JOIN memory_edge AS e ON e.user_id = :user_id AND e.dst = told.id AND e.type = 'summary_of'
    UNION
    SELECT t.id FROM consolidation_run AS r
    JOIN memory_trace AS t ON t.user_id = :user_id AND t.id = CAST(r.report ->> 'summary_trace' AS uuid)
    WHERE r.user_id = :user_id AND r.kind = 'daily'
        AND r.day >= CAST(CAST(:since AS timestamptz) AS date) - 1
        AND t.created_at >= CAST(:since AS timestamptz)
        AND t.created_at < CAST(:until AS timestamptz) + interval '25 hours'
    UNION
    SELECT e.src FROM summary
    JOIN memory_edge AS e ON e.user_id = :user_id AND e.dst = summary.id AND e.type = 'summary_of'
),
unsaid AS MATERIALIZED (
    SELECT t.id, called.name, called.is_alias FROM (
        SELECT DISTINCT e.dst FROM told
        JOIN memory_edge AS e ON e.user_id = :user_id AND e.src = told.id AND e.type = 'mentions'
    ) AS mentioned
    JOIN memory_trace AS t ON t.user_id = :user_id AND t.id = mentioned.dst
    CROSS JOIN LATERAL (
        SELECT t.content AS name, false AS is_alias
        UNION ALL
        SELECT jsonb_array_elements_text(t.meta -> 'aliases'), true
    ) AS called
    WHERE t.source ? 'key' AND NOT EXISTS (
        SELECT FROM memory_edge AS e
        JOIN memory_trace AS m ON m.user_id = :user_id AND m.id = e.src
        WHERE e.user_id = :user_id AND e.dst = t.id AND e.type = 'mentions'
            AND m.id <> ALL(CAST(:trace_ids AS uuid[]))
            AND (t.meta ->> 'kind' = 'self' OR position(lower(called.name) IN lower(m.content)) > 0)
    )
),
entity AS (
    SELECT id FROM unsaid WHERE NOT is_alias
),
again AS (
    SELECT DISTINCT s.src AS id FROM entity
    JOIN memory_edge AS e ON e.user_id = :user_id AND e.dst = entity.id AND e.type = 'mentions'
    JOIN memory_edge AS s ON s.user_id = :user_id AND s.dst = e.src AND s.type = 'summary_of'
    WHERE e.src <> ALL(CAST(:trace_ids AS uuid[]))
),
node AS (
    SELECT id FROM told UNION SELECT id FROM entity
),
going_name AS (
    SELECT ' ' || regexp_replace(lower(name), '\W', ' ', 'g') || ' ' AS words FROM unsaid
),
insight AS (
    SELECT id, ' ' || regexp_replace(lower(text), '\W', ' ', 'g') || ' ' AS words
    FROM dream_insight WHERE user_id = :user_id
)
SELECT 'summary' AS what, t.id, CAST(t.meta ->> 'day' AS date) AS day, t.meta ->> 'kind' AS kind
FROM summary JOIN memory_trace AS t ON t.user_id = :user_id AND t.id = summary.id
UNION ALL
SELECT 'entity', id, NULL, NULL FROM entity
UNION ALL
SELECT 'again', t.id, CAST(t.meta ->> 'day' AS date), t.meta ->> 'kind'
FROM again JOIN memory_trace AS t ON t.user_id = :user_id AND t.id = again.id
UNION ALL
SELECT DISTINCT 'subject', f.subject, CAST(NULL AS date), CAST(NULL AS text) FROM node
JOIN memory_fact AS f ON f.user_id = :user_id AND (f.trace_id = node.id OR f.object = node.id)
UNION ALL
SELECT 'insight', v.insight_id, CAST(NULL AS date), CAST(NULL AS text)
FROM (SELECT id FROM told UNION SELECT id FROM summary) AS gone
JOIN insight_evidence AS v ON v.user_id = :user_id AND v.trace_id = gone.id
UNION
SELECT 'insight', i.id, CAST(NULL AS date), CAST(NULL AS text)
FROM insight AS i JOIN going_name AS n ON position(n.words IN i.words) > 0  -- "Ed" is not in "mentioned"
