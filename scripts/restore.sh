#!/usr/bin/env bash
# Restore a backup of scripts/backup.sh, and forget again what was forgotten since: before anything is served.
#
#   scripts/restore.sh dump FILE [--replace]
#       puts the schema sara_memory back, all of it or nothing. --replace deletes the one that is there.
#   scripts/restore.sh point-in-time FILE [--to "2026-11-25 03:00:00+00"] [--replace]
#       unpacks a base backup and lets Postgres go through the archived WAL up to a moment, or to its end.
#       --replace puts the cluster that is there aside, as postgres.before-….
#
# --compose restores into Compose: the services db and redis run (for point-in-time db is stopped), backend
# and frontend are stopped; CLUSTER names the folder of the database on this machine (/data/postgres).
# Else it is DATABASE_URL (dump alone), or the embedded server on SARA_DATA_DIR, whose service is stopped.
#
# The list of tombstones is BACKUP_DIR/tombstones.ndjson (backups), the WAL is in BACKUP_DIR/wal. Take the
# newest list there is: what it does not name, and was forgotten after the backup, comes back.

set -euo pipefail
umask 077
# shellcheck source=scripts/postgres_client.sh
source "$(dirname "${BASH_SOURCE[0]}")/postgres_client.sh"

backups=${BACKUP_DIR:-$here/backups}
list=$backups/tombstones.ndjson
python=$here/.venv/bin/python

usage() {
    sed -n '2,/^$/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
    exit 2
}

read_arguments() {
    KIND=${1:-} FILE=${2:-} TO='' REPLACE=''
    shift $(($# < 2 ? $# : 2))
    while (($#)); do
        case $1 in
        --replace) REPLACE=yes ;;
        --to)
            TO=${2:?--to wants a moment}
            shift
            ;;
        *) usage ;;
        esac
        shift
    done
    [[ $KIND == dump || $KIND == point-in-time ]] || usage
    [[ -f $FILE ]] || fail "There is no backup $FILE."
    [[ -f $list ]] || fail "There is no list of tombstones $list: without it, what was forgotten since" \
        "the backup would come back. Make an empty file if nothing ever was."
}

restore_dump() {
    reach_postgres
    local sql="SELECT count(*) FROM pg_tables WHERE schemaname = 'sara_memory'"
    if [[ $(client psql --no-psqlrc -tAc "$sql") != 0 ]]; then
        [[ -n $REPLACE ]] || fail "There are memories in this database: --replace deletes them first."
        client psql --no-psqlrc -qc 'SET client_min_messages = warning; DROP SCHEMA sara_memory CASCADE'
    fi
    client psql --no-psqlrc -qc \
        'SET client_min_messages = warning; CREATE EXTENSION IF NOT EXISTS vector WITH SCHEMA public'
    if [[ -n $COMPOSE ]]; then
        client pg_restore --single-transaction --exit-on-error --no-owner \
            --dbname="$(client printenv POSTGRES_DB)" <"$FILE"
    else
        client pg_restore --single-transaction --exit-on-error --no-owner --dbname="$PGDATABASE" "$FILE"
    fi
}

# The WAL is copied into the cluster, where the server finds it whoever it runs as, and wherever.
unpack_base() {
    local cluster=$1
    local draft=$cluster.new
    if [[ -e $cluster && -n $(ls -A "$cluster") ]]; then
        [[ -n $REPLACE ]] || fail "There is a cluster in $cluster: --replace puts it aside."
        [[ ! -e $cluster/postmaster.pid ]] || fail "A server runs on $cluster, or was killed: stop it first."
    fi
    rm -rf "$draft"
    mkdir -m 700 "$draft"
    tar -xzf "$FILE" -C "$draft"
    mkdir "$draft/restored_wal"
    if [[ -d $backups/wal ]]; then cp "$backups"/wal/* "$draft/restored_wal/"; fi
    {
        echo "restore_command = 'cp restored_wal/%f %p || cp restored_wal/%f.partial %p'"
        echo "recovery_target_action = promote"
        echo "recovery_target_timeline = latest"
        echo "hot_standby = off" # ready means that it may be written to
        if [[ -n $TO ]]; then echo "recovery_target_time = '${TO//\'/}'"; fi
    } >>"$draft/postgresql.auto.conf"
    touch "$draft/recovery.signal"
    if [[ -e $cluster ]]; then
        chown -R --reference="$cluster" "$draft"
        mv "$cluster" "$cluster.before-$(date -u +%Y%m%dT%H%M%SZ)"
    elif ((EUID == 0)) && id pgserver >/dev/null 2>&1 && [[ -z $COMPOSE ]]; then
        chown -R pgserver:pgserver "$draft"
    fi
    mv "$draft" "$cluster"
}

# What was true of the database that is gone is no use for this one.
finish() {
    if [[ -n $COMPOSE ]]; then
        docker compose --project-directory "$here" exec -T redis redis-cli FLUSHALL >/dev/null
        docker compose --project-directory "$here" run --rm --no-deps -T migrate \
            sara-memory reforget - <"$list"
        return
    fi
    if [[ -n ${REDIS_URL:-} ]]; then
        "$python" -c '
import os, redis
client = redis.from_url(os.environ["REDIS_URL"])
for key in client.scan_iter("sara:*"):
    client.delete(key)'
    else
        rm -rf "$data/valkey"
    fi
    "$here/.venv/bin/sara-memory" reforget "$list"
}

take_compose "$@"
read_arguments "${ARGUMENTS[@]}"
if [[ $KIND == dump && -z $COMPOSE && -z ${DATABASE_URL:-} ]]; then
    exec "$python" "$here/scripts/with_servers.py" "${BASH_SOURCE[0]}" "$@"
elif [[ $KIND == dump ]]; then
    restore_dump
elif [[ -n $COMPOSE ]]; then
    unpack_base "${CLUSTER:-/data/postgres}"
    docker compose --project-directory "$here" up --wait --no-deps db
elif [[ -n ${DATABASE_URL:-} ]]; then
    fail "A base backup is unpacked where the server's files are: there, with --compose or SARA_DATA_DIR."
else
    unpack_base "$data/postgres"
fi
finish
echo "Restored. Start the service."
