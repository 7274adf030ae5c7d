-- The entities with the strongest ties at :at. A tie is the sum of an entity's :fan_out heaviest edges in each
-- direction, so that one with thousands of mentions costs no more than one with a hundred; of equals the one
-- mentioned last comes first.
SELECT t.id
FROM memory_trace AS t
CROSS JOIN LATERAL (
    SELECT sum(CAST(e.weight AS float8)) AS strength, max(e.ts) AS latest
    FROM (
        (
            SELECT e.weight, e.ts FROM memory_edge AS e
            WHERE e.user_id = :user_id AND e.src = t.id
                AND (e.valid_from IS NULL OR e.valid_from <= :at) AND (e.valid_to IS NULL OR e.valid_to > :at)
            ORDER BY e.weight DESC, e.ts DESC, e.dst LIMIT :fan_out
        )
        UNION ALL
        (
            SELECT e.weight, e.ts FROM memory_edge AS e
            WHERE e.user_id = :user_id AND e.dst = t.id
                AND (e.valid_from IS NULL OR e.valid_from <= :at) AND (e.valid_to IS NULL OR e.valid_to > :at)
            ORDER BY e.weight DESC, e.ts DESC, e.src LIMIT :fan_out
        )
    ) AS e
) AS tied
WHERE t.user_id = :user_id AND t.role = 'entity' AND tied.latest IS NOT NULL
ORDER BY tied.strength DESC, tied.latest DESC, t.id LIMIT :most
