-- What the dream made of these traces and must go with them, before they go; of a pruned one it is noted down
-- what was made:
--   summary  every summary of them, every one of a day that reaches into the span :since to :until and of
--            which something is gone already, and every summary of such a summary
--   period   of which day, week or month such a summary is: it is dreamt again. So are the periods whose
--            traces mention such a node by another name, for they name it anew, and those whose summary is
--            among these traces only because a whole span of time is, with something in it that stays
--   entity   the nodes whose name stands in no other trace that mentions them (the person's own node is
--            named by nobody); with a span, also those named by what is gone already
--   alias    the nodes of which another name does
--   subject  about whom a fact was known from them, or with such a node in it
--   insight  what rests on them or on such a summary, or has a name in it that goes: its evidence is only a
--            few of the traces that mention somebody; and what was noticed on a day of the span
WITH RECURSIVE told AS (
    SELECT unnest(CAST(:trace_ids AS uuid[])) AS id
),
made_of_pruned AS (
    SELECT t.id, t.source ? 'key' AS is_node FROM pruned_trace AS p
    CROSS JOIN LATERAL unnest(p.made) AS made (id)
    JOIN memory_trace AS t ON t.user_id = :user_id AND t.id = made.id
    WHERE p.user_id = :user_id AND p.id = ANY(CAST(:trace_ids AS uuid[]))
),
summary AS (
    SELECT e.src AS id FROM told
    JOIN memory_edge AS e ON e.user_id = :user_id AND e.dst = told.id AND e.type = 'summary_of'
    UNION
    SELECT id FROM made_of_pruned WHERE NOT is_node
    UNION
    SELECT t.id FROM consolidation_run AS r
    JOIN memory_trace AS t ON t.user_id = :user_id AND t.id = CAST(r.report ->> 'summary_trace' AS uuid)
    WHERE r.user_id = :user_id AND r.kind = 'daily'
        AND r.day >= CAST(CAST(:since AS timestamptz) AS date) - 1
        AND t.created_at >= CAST(:since AS timestamptz)
        AND t.created_at < CAST(:until AS timestamptz) + interval '25 hours'
        AND CAST(r.report ->> 'traces' AS integer) > (
            SELECT count(*) FROM memory_edge AS e
            WHERE e.user_id = :user_id AND e.src = t.id AND e.type = 'summary_of'
        )
    UNION
    SELECT e.src FROM summary
    JOIN memory_edge AS e ON e.user_id = :user_id AND e.dst = summary.id AND e.type = 'summary_of'
),
unsaid AS MATERIALIZED (
    SELECT t.id, called.name, called.is_alias FROM (
        SELECT e.dst FROM told
        JOIN memory_edge AS e ON e.user_id = :user_id AND e.src = told.id AND e.type = 'mentions'
        UNION
        SELECT id FROM made_of_pruned WHERE is_node
        UNION
        SELECT n.id FROM memory_trace AS n
        WHERE n.user_id = :user_id AND n.role = 'entity' AND CAST(:since AS timestamptz) IS NOT NULL
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
node AS (
    SELECT id FROM told UNION SELECT id FROM entity
),
again AS (
    SELECT id FROM summary
    UNION
    SELECT s.src FROM entity
    JOIN memory_edge AS e ON e.user_id = :user_id AND e.dst = entity.id AND e.type = 'mentions'
    JOIN memory_edge AS s ON s.user_id = :user_id AND s.dst = e.src AND s.type = 'summary_of'
    WHERE e.src <> ALL(CAST(:trace_ids AS uuid[]))
    UNION
    SELECT s.src FROM told
    JOIN memory_edge AS s ON s.user_id = :user_id AND s.src = told.id AND s.type = 'summary_of'
    WHERE CAST(:since AS timestamptz) IS NOT NULL
        AND NOT EXISTS (SELECT FROM told AS source WHERE source.id = s.dst)
),
-- A summary's time is the last second of its period where the person is. Only what the dream wrote has one.
period AS (
    SELECT t.id, ends.day, t.meta ->> 'kind' AS kind FROM again
    JOIN memory_trace AS t ON t.user_id = :user_id AND t.id = again.id
    CROSS JOIN LATERAL (
        SELECT CAST(t.created_at AT TIME ZONE 'UTC' AS date) - days AS day FROM generate_series(0, 1) AS days
    ) AS ends
    WHERE t.source ->> 'type' = 'dream' AND t.meta ->> 'kind' IN ('daily', 'weekly', 'monthly')
        AND t.meta ->> 'day' = to_char(ends.day, 'YYYY-MM-DD')
),
going_name AS (
    SELECT ' ' || regexp_replace(lower(name), '\W', ' ', 'g') || ' ' AS words FROM unsaid
),
insight AS (
    SELECT id, day, ' ' || regexp_replace(lower(text), '\W', ' ', 'g') || ' ' AS words
    FROM dream_insight WHERE user_id = :user_id
)
SELECT 'summary' AS what, id, CAST(NULL AS date) AS day, CAST(NULL AS text) AS kind FROM summary
UNION
SELECT 'period', id, day, kind FROM period
UNION
SELECT 'entity', id, NULL, NULL FROM entity
UNION
SELECT 'alias', id, NULL, NULL FROM unsaid WHERE is_alias
UNION
SELECT 'subject', f.subject, NULL, NULL FROM node
JOIN memory_fact AS f ON f.user_id = :user_id AND (f.trace_id = node.id OR f.object = node.id)
UNION
SELECT 'insight', v.insight_id, NULL, NULL FROM (SELECT id FROM told UNION SELECT id FROM summary) AS gone
JOIN insight_evidence AS v ON v.user_id = :user_id AND v.trace_id = gone.id
UNION
SELECT 'insight', i.id, NULL, NULL FROM insight AS i
JOIN going_name AS n ON position(n.words IN i.words) > 0  -- "Ed" is not in "mentioned"
UNION
SELECT 'insight', id, NULL, NULL FROM insight
WHERE day BETWEEN CAST(CAST(:since AS timestamptz) AS date)
    AND CAST(CAST(:until AS timestamptz) - interval '1 microsecond' AS date)
