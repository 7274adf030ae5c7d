#!/usr/bin/env bash
# Make the folders that docker-compose.override.yml maps, each for the user who writes there. Run as root,
# once; run again, it changes nothing.
#
#   scripts/prepare_volumes.sh [FOLDER]     /data when left out; the override file says /data

set -euo pipefail

root=${1:-/data}
((EUID == 0)) || {
    echo "error: run it as root: the folders belong to the users inside the containers." >&2
    exit 1
}

# FOLDER USER:GROUP, by number: these users are the images' own.
make_folder() {
    install -d -m 700 "$root/$1"
    chown "$2" "$root/$1"
}

install -d -m 711 "$root"
make_folder postgres 999:999    # pgvector/pgvector:pg16
make_folder redis 999:1000      # redis:7-alpine
make_folder neo4j 7474:7474     # neo4j:5-community
make_folder app 10001:10001     # deploy/images/backend.Dockerfile
make_folder app/models 10001:10001
make_folder app/tmp 10001:10001
make_folder backups 0:0
make_folder backups/wal 999:999
echo "The folders are in $root. Next: cp .env.example .env, replace each change-me, docker compose up -d"
