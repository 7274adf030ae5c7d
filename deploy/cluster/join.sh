#!/usr/bin/env bash
# Make the workers known to the coordinator, once each, with pgvector on all of them.
set -euo pipefail

psql --no-psqlrc --set ON_ERROR_STOP=1 --host=coordinator --username="$POSTGRES_USER" \
    --dbname="$POSTGRES_DB" <<'SQL'
CREATE EXTENSION IF NOT EXISTS citus;
CREATE EXTENSION IF NOT EXISTS vector WITH SCHEMA public;
SELECT citus_set_coordinator_host('coordinator', 5432);
SELECT citus_add_node(name, 5432) FROM (VALUES ('worker-1'), ('worker-2')) AS worker (name)
WHERE name NOT IN (SELECT nodename FROM pg_dist_node);
SQL
