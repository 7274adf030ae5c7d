-- Of these nodes, drop the aliases that stand in no trace about them but the ones that go.
UPDATE memory_trace AS t SET meta = jsonb_set(t.meta, '{aliases}', kept.aliases)
FROM (
    SELECT n.id, coalesce(jsonb_agg(alias ORDER BY place) FILTER (WHERE EXISTS (
        SELECT FROM memory_edge AS e
        JOIN memory_trace AS m ON m.user_id = :user_id AND m.id = e.src
        WHERE e.user_id = :user_id AND e.dst = n.id AND e.type = 'mentions'
            AND m.id <> ALL(CAST(:trace_ids AS uuid[]))
            AND position(lower(alias) IN lower(m.content)) > 0
    )), '[]') AS aliases
    FROM memory_trace AS n
    CROSS JOIN jsonb_array_elements_text(n.meta -> 'aliases') WITH ORDINALITY AS a (alias, place)
    WHERE n.user_id = :user_id AND n.id = ANY(CAST(:node_ids AS uuid[]))
    GROUP BY n.id
) AS kept
WHERE t.user_id = :user_id AND t.id = kept.id AND t.meta -> 'aliases' <> kept.aliases
