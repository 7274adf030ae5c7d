-- Pruned traces out of an export. One that is known leads to what both say was made of it. Tells which are new.
INSERT INTO pruned_trace AS p (user_id, id, created_at, source, pruned_at, made)
SELECT CAST(:user_id AS uuid), id, created_at, CAST(source AS jsonb), pruned_at, CAST(made AS uuid[])
FROM unnest(
    CAST(:ids AS uuid[]), CAST(:created AS timestamptz[]), CAST(:sources AS text[]),
    CAST(:pruned AS timestamptz[]), CAST(:made AS text[])
) AS g (id, created_at, source, pruned_at, made)
ON CONFLICT (user_id, id) DO UPDATE
SET made = ARRAY(SELECT unnest(p.made) UNION SELECT unnest(excluded.made) ORDER BY 1)
RETURNING xmax = 0 AS is_new
