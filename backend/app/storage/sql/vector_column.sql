-- The type and length of memory_embedding.vec, and the version of pgvector that serves it.
SELECT t.typname AS type, a.atttypmod AS dim, e.extversion AS version
FROM pg_attribute AS a
JOIN pg_type AS t ON t.oid = a.atttypid
JOIN pg_extension AS e ON e.extname = 'vector'
WHERE a.attrelid = to_regclass('memory_embedding') AND a.attname = 'vec'
