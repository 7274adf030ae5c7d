-- The entities whose name, or another name of theirs, stands in :text or begins with it, the longest name
-- first: "Where does Ana Sousa live?" names Ana Sousa before Ana.
SELECT t.id
FROM memory_trace AS t
CROSS JOIN LATERAL (
    SELECT max(length(called.name)) AS length
    FROM (
        SELECT lower(t.content) AS name
        UNION ALL
        SELECT lower(alias) FROM jsonb_array_elements_text(
            CASE WHEN jsonb_typeof(t.meta -> 'aliases') = 'array' THEN t.meta -> 'aliases' ELSE '[]' END
        ) AS a (alias)
    ) AS called
    WHERE position(' ' || called.name || ' ' IN ' ' || :text || ' ') > 0
        OR starts_with(called.name, :text)
) AS best
WHERE t.user_id = :user_id AND t.role = 'entity' AND best.length IS NOT NULL
ORDER BY best.length DESC, t.id LIMIT :most
