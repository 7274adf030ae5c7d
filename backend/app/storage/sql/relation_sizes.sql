-- Bytes of our tables and of their indexes, partitions included, of everybody together.
SELECT coalesce(sum(pg_table_size(c.oid)), 0) AS table_bytes,
    coalesce(sum(pg_indexes_size(c.oid)), 0) AS index_bytes
FROM pg_class AS c
WHERE c.relnamespace = CAST('sara_memory' AS regnamespace) AND c.relkind = 'r'
