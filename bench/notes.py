"""How long people wait for their notes while the embedder takes seconds for every text.

    python bench/notes.py [--notes 1000] [--saves 200] [--seconds 2] [--json]

Writes notes that link to each other over HTTP, with an embedder that is fast, and lets every vector be
made. Then the embedder takes ``--seconds`` for each text, and what an editor does is timed: a new note,
the same note saved again and again, a new title for a note that ten others link to, and the suggestions
that are asked for after a save.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

import httpx
import uvicorn
from tqdm import tqdm

from app.embedded.servers import embedded_servers
from app.embedders.protocol import Urgency, Vectors
from app.main import create_app
from app.serving.port import listening, port_of
from app.settings import Settings
from app.storage.migrations import migrate
from client import Account, connect
from metrics import Percentiles, json_line, percentiles
from synthetic import Life, WordVectorEmbedder

LINKING = 10
START_SECONDS = 60


class PacedEmbedder(WordVectorEmbedder):
    """Takes ``seconds`` for each text, one after the other, as a small machine would."""

    seconds = 0.0

    async def embed(self, texts: Sequence[str], *, urgency: Urgency) -> list[Vectors]:
        await asyncio.sleep(self.seconds * len(texts))
        return await super().embed(texts, urgency=urgency)


class Keeper:
    """Somebody who keeps notes, over HTTP."""

    def __init__(self, http: httpx.Client) -> None:
        self.account = Account.sign_up(http)
        self._http = http

    def call(self, method: str, path: str, **body: str) -> httpx.Response:
        """One request, which must go well."""
        answer = self._http.request(method, path, json=body or None, headers=self.account.headers)
        answer.raise_for_status()
        return answer

    def write(self, title: str, content: str) -> str:
        """A new note; its id."""
        return str(self.call("POST", "/notes", title=title, content=content).json()["id"])


@contextmanager
def serving(settings: Settings, embedder: PacedEmbedder) -> Iterator[str]:
    """The service in a thread of this process, on a free port: its URL."""
    app = create_app(settings, embedder=embedder)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=5))
    with listening("127.0.0.1", 0) as sockets:
        thread = Thread(target=server.run, kwargs={"sockets": sockets}, daemon=True)
        thread.start()
        deadline = time.monotonic() + START_SECONDS
        while not server.started and time.monotonic() < deadline:
            thread.join(0.01)
        try:
            yield f"http://127.0.0.1:{port_of(sockets)}"
        finally:
            server.should_exit = True
            thread.join(START_SECONDS)


def _measure(arguments: argparse.Namespace) -> dict[str, Percentiles]:
    embedder = PacedEmbedder(dim=768)
    with (
        TemporaryDirectory(prefix="sara-bench-") as folder,
        embedded_servers(Settings(sara_data_dir=Path(folder))) as settings,
    ):
        assert settings.database_url is not None
        migrate(settings.database_url.get_secret_value())
        with serving(settings, embedder) as url, connect(url) as http:
            keeper = Keeper(http)
            texts = _texts(arguments.notes + 2 * arguments.saves)
            ids = [
                keeper.write(f"Note {n}", f"{texts.pop()} [[Note {n - n % (LINKING + 1)}]]")
                for n in tqdm(range(arguments.notes), desc="write", disable=None)
            ]
            keeper.account.wait_for_heads()
            embedder.seconds = arguments.seconds
            return _editing(keeper, ids, texts, saves=arguments.saves)


def _editing(
    keeper: Keeper, ids: Sequence[str], texts: list[str], *, saves: int
) -> dict[str, Percentiles]:
    """What an editor does, and how long each took."""
    edited = keeper.write("The edited one", texts[0])
    hubs = ids[:: LINKING + 1]
    steps: dict[str, Callable[[int], object]] = {
        "create": lambda n: keeper.write(f"New {n}", texts[n]),
        "save": lambda n: keeper.call("PATCH", f"/notes/{edited}", content=texts[saves + n]),
        "rename": lambda n: keeper.call("PATCH", f"/notes/{hubs[n % len(hubs)]}", title=f"Hub {n}"),
        "suggestions": lambda n: keeper.call("GET", f"/notes/{ids[n % len(ids)]}/suggestions"),
        "similar": lambda n: keeper.call("GET", f"/notes/{ids[n % len(ids)]}/similar"),
        "list": lambda _: keeper.call("GET", "/notes?page=1&per_page=20"),
    }
    return {
        name: percentiles([_timed(step, n) for n in range(saves)]) for name, step in steps.items()
    }


def _timed(step: Callable[[int], object], number: int) -> float:
    began = time.perf_counter()
    step(number)
    return (time.perf_counter() - began) * 1_000


def _texts(count: int) -> list[str]:
    life = Life(seed=1, until=datetime.now(UTC))
    return [turn.content for turn in life.turns(count)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--notes", type=int, default=1_000, help="how many there are already")
    parser.add_argument("--saves", type=int, default=200, help="how often each thing is done")
    parser.add_argument("--seconds", type=float, default=2.0, help="what the embedder takes a text")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    arguments = parser.parse_args()
    found = _measure(arguments)
    facts = {"bench": "notes", "notes": arguments.notes, "seconds_per_text": arguments.seconds}
    if arguments.json:
        print(json_line(facts | {"ms": {name: asdict(value) for name, value in found.items()}}))
        return 0
    print(", ".join(f"{name} {value}" for name, value in facts.items()))
    for name, value in found.items():
        print(f"  {name:12} p50 {value.p50:7.2f} ms   p95 {value.p95:7.2f} ms")
    return 0


if __name__ == "__main__":
    sys.exit(main())
