"""How much memory an export takes: fill an account by an import, export it, watch the service's RSS.

python bench/export.py --traces 100000 [--json]
"""

import argparse
import json
import threading
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import psutil  # type: ignore[import-untyped]  # ships no types

from server import running

MEBIBYTE = 2**20
CREDENTIALS = {"email": "bench@example.com", "password": "a password of the bench"}
BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)


class PeakMemory:
    """The highest RSS of a process in MiB, while the block runs, above what it was before."""

    def __init__(self, process: psutil.Process) -> None:
        self._process = process
        self._done = threading.Event()
        self._watch = threading.Thread(target=self._look)
        self.before = self.peak = 0.0

    def __enter__(self) -> "PeakMemory":
        self.before = self.peak = self._now()
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._watch.join()

    @property
    def growth(self) -> float:
        """MiB."""
        return self.peak - self.before

    def _look(self) -> None:
        while not self._done.wait(0.02):
            self.peak = max(self.peak, self._now())

    def _now(self) -> float:
        return float(self._process.memory_info().rss) / MEBIBYTE


def sample(traces: int) -> Iterator[bytes]:
    """An export of that many traces in conversations of fifty turns; none is salient enough to be
    embedded, which is not what is measured."""
    now = BEGINNING.isoformat()
    header = {"kind": "header", "format": "sara-memory", "version": 1}
    yield _line({**header, "exported_at": now, "email": "bench@example.com", "timezone": "UTC"})
    for n in range(traces):
        yield _line(
            {
                "kind": "trace",
                "id": str(uuid.UUID(int=n + 1)),
                "content": f"Turn {n}: " + "we walked along the harbour and counted boats. " * 6,
                "role": "user",
                "created_at": (BEGINNING + timedelta(minutes=n)).isoformat(),
                "salience": 0.1,
                "source": {"type": "chat", "conversation_id": f"c{n // 50}"},
                "meta": {},
                "pinned": False,
                "access_count": 0,
                "last_accessed_at": None,
                "faded_at": None,
            }
        )
    yield _line({"kind": "end", "counts": {"trace": traces}})


def measure(traces: int) -> dict[str, float]:
    """Import, export, and read the second to its end without keeping it."""
    with running() as url, httpx.Client(base_url=url, timeout=3600, trust_env=False) as http:
        token = (
            http.post("/auth/signup", json=CREDENTIALS).raise_for_status().json()["access_token"]
        )
        http.headers["Authorization"] = f"Bearer {token}"
        (server,) = psutil.Process().children()
        began = time.perf_counter()
        with PeakMemory(server) as importing:
            http.post("/memory/import", content=sample(traces)).raise_for_status()
        imported = time.perf_counter()
        size = 0
        with PeakMemory(server) as exporting, http.stream("GET", "/memory/export") as answer:
            for piece in answer.iter_bytes():
                size += len(piece)
        return {
            "traces": traces,
            "export_mib": round(size / MEBIBYTE, 1),
            "import_s": round(imported - began, 1),
            "import_growth_mib": round(importing.growth, 1),
            "export_s": round(time.perf_counter() - imported, 1),
            "export_growth_mib": round(exporting.growth, 1),
        }


def _line(row: dict[str, object]) -> bytes:
    return json.dumps(row).encode() + b"\n"


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--traces", type=int, default=100_000)
    parser.add_argument("--json", action="store_true", help="one line of JSON")
    asked = parser.parse_args()
    found = measure(asked.traces)
    if asked.json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        print(f"{name:>20}  {value:,}")


if __name__ == "__main__":
    main()
