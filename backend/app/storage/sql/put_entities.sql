-- Make entity nodes, or give those that are there the aliases that are known by now.
INSERT INTO memory_trace AS t (
    user_id, id, content, role, created_at, salience, source, meta, content_hash, term_count,
    states_preference, wording, term_codes
)
SELECT CAST(:user_id AS uuid), id, name, 'entity', created_at, 0, CAST(source AS jsonb),
    CAST(meta AS jsonb), hash, 0, false, 0, ''
FROM unnest(
    CAST(:ids AS uuid[]), CAST(:names AS text[]), CAST(:created AS timestamptz[]),
    CAST(:sources AS text[]), CAST(:metas AS text[]), CAST(:hashes AS bytea[])
) AS n (id, name, created_at, source, meta, hash)
ON CONFLICT (user_id, id) DO UPDATE SET meta = excluded.meta
WHERE t.meta IS DISTINCT FROM excluded.meta
