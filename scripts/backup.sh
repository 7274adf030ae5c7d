#!/usr/bin/env bash
# Back up what Postgres holds. Redis is not backed up: it fills itself again.
#
#   scripts/backup.sh dump         a dump of the schema sara_memory, then `tombstones` and `expire`: daily
#   scripts/backup.sh base         the whole cluster, to which archived WAL is added: weekly
#   scripts/backup.sh wal          receives the WAL as it is written, until it is stopped: a service
#   scripts/backup.sh tombstones   adds what was forgotten to the list beside the backups: every minute
#   scripts/backup.sh expire       deletes what is older than KEEP_DAYS, never the newest of a kind
#
# --compose reaches the database in Compose, whose server archives its WAL by itself. Else it is that of
# DATABASE_URL, or the one embedded in the service that runs on SARA_DATA_DIR (.data).
#
# BACKUP_DIR (backups) holds everything, for its owner alone: memories are in it. Put it on another disk.
# KEEP_DAYS (14) is also how long at most a backup holds what was forgotten.

set -euo pipefail
umask 077
# shellcheck source=scripts/postgres_client.sh
source "$(dirname "${BASH_SOURCE[0]}")/postgres_client.sh"

backups=${BACKUP_DIR:-$here/backups}
keep_days=${KEEP_DAYS:-14}
moment=$(date -u +%Y%m%dT%H%M%SZ)

# A file has its name when it is whole.
dump() {
    local file=$backups/dump-$moment.dump
    client pg_dump --format=custom --schema=sara_memory --extension=vector --no-owner \
        --no-privileges --no-comments >"$file.part"
    client pg_restore --list <"$file.part" >/dev/null
    mv "$file.part" "$file"
    echo "$file"
}

base() {
    local file=$backups/base-$moment.tar.gz
    client pg_basebackup --pgdata=- --format=tar --wal-method=fetch --checkpoint=fast | gzip >"$file.part"
    tar -tzf "$file.part" >/dev/null
    mv "$file.part" "$file"
    echo "$file"
}

wal() {
    [[ -z $COMPOSE ]] || fail "In Compose the server archives by itself: see deploy/postgres."
    mkdir -p "$backups/wal"
    pg_receivewal --slot=sara_backup --create-slot --if-not-exists
    exec pg_receivewal --slot=sara_backup --synchronous --directory="$backups/wal"
}

# The list only grows: a database that was lost and begun anew takes nothing off it. Content-free.
tombstones() {
    local list=$backups/tombstones.ndjson
    touch "$list"
    {
        cat "$list"
        client psql --no-psqlrc --quiet --tuples-only --no-align --set ON_ERROR_STOP=1 --file=- \
            <"$here/scripts/tombstones.sql"
    } | LC_ALL=C sort -u >"$list.part"
    mv "$list.part" "$list"
}

expire() {
    local kind
    for kind in dump base; do
        find "$backups" -maxdepth 1 -name "$kind-*.part" -mtime +1 -delete
        find "$backups" -maxdepth 1 -name "$kind-*" ! -name '*.part' | sort | head -n -1 |
            while read -r file; do
                find "$file" -mtime "+$keep_days" -print -delete
            done
    done
    expire_wal
}

# WAL from before the oldest base is of no use.
expire_wal() {
    local oldest first
    oldest=$(find "$backups" -maxdepth 1 -name 'base-*.tar.gz' | sort | head -n 1)
    [[ -n $oldest && -d $backups/wal ]] || return 0
    first=$(tar -xzOf "$oldest" backup_label | sed -n 's/^START WAL LOCATION:.*(file \([0-9A-F]*\))$/\1/p')
    find "$backups/wal" -type f | while read -r file; do
        local segment=${file##*/}
        if [[ ${segment:8:16} < ${first:8:16} && $segment != *.history ]]; then rm "$file"; fi
    done
}

take_compose "$@"
case ${ARGUMENTS[0]:-} in
dump | base | wal | tombstones | expire) ;;
*)
    sed -n '2,/^$/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
    exit 2
    ;;
esac
mkdir -p "$backups"
reach_postgres
case ${ARGUMENTS[0]} in
dump)
    dump
    tombstones
    expire
    ;;
base)
    base
    tombstones
    ;;
*) "${ARGUMENTS[0]}" ;;
esac
