-- Everything that was forgotten, one JSON object a line, for the list that scripts/backup.sh keeps beside
-- the backups: tombstones with the ids of their traces, and accounts that were closed. No content.
SET timezone = 'UTC';
SELECT json_build_object(
    'kind', 'tombstone', 'user_id', t.user_id, 'id', t.id, 'scope', t.scope, 'target', t.target,
    'forgotten_by', t.forgotten_by, 'forgotten_at', t.forgotten_at, 'counts', t.counts,
    'trace_ids', coalesce((
        SELECT json_agg(f.trace_id ORDER BY f.trace_id) FROM sara_memory.memory_forgotten AS f
        WHERE f.user_id = t.user_id AND f.tombstone_id = t.id
    ), '[]')
)::text
FROM sara_memory.memory_tombstone AS t
UNION ALL
SELECT json_build_object('kind', 'closed_account', 'digest', encode(digest, 'hex'), 'closed_at', closed_at)::text
FROM sara_memory.closed_account;
