"""How long it takes to come over from an old Sara, and whether kill -9 on the way costs anything.

    python bench/migration.py [--episodes 50000] [--kills 2] [--json]

Makes an old database of lineage A of which six episodes in ten are repeats, lets
``scripts/migrate_episodes_to_memory.py`` bring it over, kills it on the way as often as it is asked to,
and calls it once more. What the report says is compared with what is counted in the database.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import SecretStr
from sqlalchemy import create_engine, make_url, text

from app.embedded.servers import embedded_servers
from app.settings import Settings
from app.storage.database import sync_engine
from app.storage.migrations import migrate
from old_episodes import many_episodes

SCRIPT = Path(__file__).resolve().parent.parent / "scripts" / "migrate_episodes_to_memory.py"
LOOK_EVERY = 0.05  # seconds
PATIENCE = 540.0

_COUNTS = {
    "traces": "SELECT count(*) FROM memory_trace",
    "repeats": "SELECT coalesce(sum(CAST(meta ->> 'repeats' AS integer)), 0) FROM memory_trace",
    "counted": "SELECT coalesce(sum(traces), 0) FROM memory_usage",
    "edges": "SELECT count(*) FROM memory_edge",
    "postings": "SELECT count(*) FROM memory_posting",
    "waiting_heads": "SELECT count(*) FROM pending_embedding",
}


@dataclass(frozen=True, slots=True)
class Result:
    """Seconds of all runs together without the kills, of comparing alone, and what was counted."""

    episodes: int
    kills: list[int]
    seconds: float
    verify_seconds: float
    right: bool
    report: dict[str, int]
    counts: dict[str, int]

    @property
    def agrees(self) -> bool:
        """Whether the report and the database say the same."""
        return (
            self.right
            and self.report["found"] == self.counts["traces"] == self.counts["counted"]
            and self.report["source"] == self.counts["repeats"] == self.episodes
        )


def measure(settings: Settings, old: str, *, episodes: int, kills: int, folder: Path) -> Result:
    """Bring ``episodes`` over, killed ``kills`` times at even distances."""
    many_episodes(old, episodes, days=365)
    expected, killed, began = episodes * 4 // 10, [], time.monotonic()
    for number in range(1, kills + 1):
        killed.append(_kill_at(settings, old, expected * number // (kills + 1)))
    file = folder / "report.json"
    _call(settings, old, "--report", str(file))
    seconds = time.monotonic() - began
    told = json.loads(file.read_text())
    began = time.monotonic()
    _call(settings, old, "--verify-only")
    table = told["tables"]["episode"]
    return Result(
        episodes=episodes,
        kills=killed,
        seconds=round(seconds, 1),
        verify_seconds=round(time.monotonic() - began, 1),
        right=told["right"],
        report={name: table[name] for name in ("source", "collapsed", "expected", "found")},
        counts={name: _count(settings, sql) for name, sql in _COUNTS.items()},
    )


def _kill_at(settings: Settings, old: str, traces: int) -> int:
    """Let it work until there are so many traces, then ``kill -9``; how many there are."""
    running = _start(settings, old)
    deadline = time.monotonic() + PATIENCE
    while _count(settings, _COUNTS["traces"]) < traces:
        if running.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError("it ended before it could be killed, or did not come on")
        time.sleep(LOOK_EVERY)
    running.send_signal(signal.SIGKILL)
    running.wait()
    return _count(settings, _COUNTS["traces"])


def _call(settings: Settings, old: str, *options: str) -> None:
    code = _start(settings, old, *options).wait(PATIENCE)
    if code != 0:
        raise RuntimeError(f"it ended with {code}")


def _start(settings: Settings, old: str, *options: str) -> subprocess.Popen[bytes]:
    assert settings.database_url and settings.redis_url and settings.secret_key
    secrets = {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "SECRET_KEY": settings.secret_key,
    }
    told = {name: secret.get_secret_value() for name, secret in secrets.items()}
    return subprocess.Popen(
        [sys.executable, SCRIPT, *options],
        env={**os.environ, **told, "SOURCE_DATABASE_URL": old},
        stdout=subprocess.DEVNULL,
    )


def _count(settings: Settings, sql: str) -> int:
    assert settings.database_url is not None
    engine = sync_engine(settings.database_url.get_secret_value())
    with engine.connect() as connection:
        found = int(connection.scalar(text(sql)) or 0)
    engine.dispose()
    return found


@contextmanager
def _databases(folder: Path) -> Iterator[tuple[Settings, str]]:
    """A new database with our tables, and an empty old one beside it."""
    with embedded_servers(Settings(sara_data_dir=folder, database_url=None)) as settings:
        assert settings.database_url is not None
        url = make_url(settings.database_url.get_secret_value())
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for name in ("new_sara", "old_sara"):
                connection.execute(text(f"CREATE DATABASE {name}"))
        engine.dispose()
        new, old = (
            url.set(database=name).render_as_string(hide_password=False)
            for name in ("new_sara", "old_sara")
        )
        migrate(new)
        yield settings.model_copy(update={"database_url": SecretStr(new)}), old


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--episodes", type=int, default=50_000)
    parser.add_argument("--kills", type=int, default=2)
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    arguments = parser.parse_args()
    with (
        TemporaryDirectory(prefix="sara-bench-", ignore_cleanup_errors=True) as folder,
        _databases(Path(folder, "data")) as (settings, old),
    ):
        result = measure(
            settings,
            old,
            episodes=arguments.episodes,
            kills=arguments.kills,
            folder=Path(folder),
        )
    told = {**asdict(result), "agrees": result.agrees}
    print(json.dumps(told) if arguments.json else json.dumps(told, indent=2))
    return 0 if result.agrees else 1


if __name__ == "__main__":
    sys.exit(main())
