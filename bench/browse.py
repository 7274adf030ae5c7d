"""A memory of many traces looked through in a real browser: how long the page does not answer.

    python bench/browse.py [--traces 50000] [--days 365] [--nodes 3000] [--chromium PROGRAM] [--json]

Writes a made-up life over HTTP, then goes through it in Chromium: the timeline from its first day to its
last, a full day opened and scrolled through, a recall, a search, and a made-up knowledge graph of
``--nodes`` nodes that is moved and looked into. A long task is one that keeps the page from answering for
50 ms or more; told are the longest of each step and how many there were. The build of the web app must be
there: ``make web``.
"""

import argparse
import json
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import httpx
import numpy as np
import uvicorn
from playwright.sync_api import Page, sync_playwright
from tqdm import tqdm

from app.embedded.servers import embedded_servers
from app.main import create_app
from app.services.trace_draft import NewTrace
from app.settings import Settings
from app.storage.migrations import migrate
from metrics import json_line
from synthetic import Life, WordVectorEmbedder, word

DIM = 768
BATCH = 1_000
EMAIL, PASSWORD = "browse@example.com", "correct horse battery"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--enable-unsafe-swiftshader",
]
WATCH = """
window.longTasks = [];
new PerformanceObserver((list) => {
  for (const task of list.getEntries()) window.longTasks.push(task.duration);
}).observe({ type: "longtask", buffered: true });
"""
SCROLLS = 120
PAUSE_MS = 40
QUESTION = " ".join(word(rank) for rank in (40, 500, 900))


@dataclass(frozen=True, slots=True)
class Step:
    """What was done, how often the page did not answer for 50 ms, and for how long at most."""

    name: str
    long_tasks: int
    longest_ms: float


def main() -> int:
    arguments = _arguments()
    with TemporaryDirectory() as folder, _service(Path(folder)) as url:
        _remember(url, arguments)
        steps = _look_through(url, arguments)
    _print(arguments, steps)
    return 0


@contextmanager
def _service(folder: Path) -> Iterator[str]:
    """The whole service in this process, with an embedder that is fast enough for many traces."""
    with embedded_servers(Settings(sara_data_dir=folder)) as settings:
        assert settings.database_url is not None
        migrate(settings.database_url.get_secret_value())
        app = create_app(settings, embedder=WordVectorEmbedder(dim=DIM))
        listener = socket.create_server(("127.0.0.1", 0))
        config = uvicorn.Config(app, log_config=None, access_log=False)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        try:
            _wait_for(url)
            yield url
        finally:
            server.should_exit = True
            thread.join()


def _wait_for(url: str) -> None:
    for _ in range(600):
        try:
            httpx.get(f"{url}/health")
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return


def _remember(url: str, arguments: argparse.Namespace) -> None:
    """The life as one account's, its vectors all made."""
    turns = Life(seed=1, until=datetime.now(UTC), days=arguments.days).turns(arguments.traces)
    with httpx.Client(base_url=url, timeout=300) as client:
        account = {"email": EMAIL, "password": PASSWORD}
        token = client.post("/auth/signup", json=account).raise_for_status().json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        with tqdm(total=len(turns), desc="remember") as bar:
            for batch in _batches(turns):
                client.post(
                    "/memory/traces", json=[_item(turn) for turn in batch]
                ).raise_for_status()
                bar.update(len(batch))


def _batches(turns: list[NewTrace]) -> Iterator[list[NewTrace]]:
    for at in range(0, len(turns), BATCH):
        yield turns[at : at + BATCH]


def _item(turn: NewTrace) -> dict[str, object]:
    assert turn.created_at is not None
    return {
        "content": turn.content,
        "role": turn.role,
        "created_at": turn.created_at.isoformat(),
        "salience": 0.2,  # below the threshold: what is looked at here is the page, not the vectors
        "source": turn.source,
    }


def _look_through(url: str, arguments: argparse.Namespace) -> list[Step]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=arguments.chromium, args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.add_init_script(WATCH)
        page.goto(f"{url}/app/sign-in")
        page.get_by_label("E-mail").fill(EMAIL)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").first.click()
        page.get_by_role("article").first.wait_for()
        steps = [_step(page, name, do) for name, do in _STEPS.items()]
        steps.append(_step(page, "the graph", lambda shown: _graph(shown, arguments.nodes)))
        browser.close()
    return steps


def _step(page: Page, name: str, do: Callable[[Page], None]) -> Step:
    page.evaluate("window.longTasks.length = 0")
    do(page)
    page.wait_for_timeout(300)
    tasks: list[float] = page.evaluate("window.longTasks")
    return Step(name, len(tasks), max(tasks, default=0.0))


def _scroll_days(page: Page) -> None:
    """To the end, as far as it goes, and back."""
    for _ in range(SCROLLS):
        page.mouse.wheel(0, 1_500)
        page.wait_for_timeout(PAUSE_MS)
    page.mouse.wheel(0, -10_000_000)


def _open_day(page: Page) -> None:
    """A day with many traces, and all of them."""
    page.get_by_role("article").nth(1).get_by_role("button").first.click()
    said = page.get_by_role("region", name="Said on")
    said.wait_for()
    said.hover()
    for _ in range(SCROLLS // 2):
        page.mouse.wheel(0, 1_200)
        page.wait_for_timeout(PAUSE_MS)


def _recall(page: Page) -> None:
    page.get_by_label("What do you want to remember?").fill(QUESTION)
    page.get_by_label("How many results").select_option("50")
    page.get_by_role("button", name="Recall").click()
    page.get_by_text("Why it is here").first.wait_for()


def _search(page: Page) -> None:
    page.get_by_role("link", name="Search").first.click()
    page.get_by_label("Search in notes, memories and summaries").press_sequentially(
        "xkeba", delay=30
    )
    page.wait_for_timeout(1_500)


def _graph(page: Page, nodes: int) -> None:
    """Drawn, moved about, and one node looked into."""
    picture = json.dumps(_made_up(nodes))
    page.route(
        "**/knowledge-graph?*",
        lambda route: route.fulfill(content_type="application/json", body=picture),
    )
    page.get_by_role("link", name="Memory").first.click()
    page.get_by_role("link", name="Knowledge graph").click()
    page.get_by_text(f"{nodes:,} nodes").wait_for(timeout=120_000)
    box = page.get_by_role("img", name="Picture of the graph").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    for _ in range(20):
        page.mouse.wheel(0, -120)
        page.wait_for_timeout(PAUSE_MS)
    page.mouse.down()
    for at in range(40):
        page.mouse.move(x + 5 * at, y + 3 * at)
        page.wait_for_timeout(PAUSE_MS)
    page.mouse.up()
    page.get_by_role("region", name="Nodes of the graph").get_by_role("button").first.click()
    page.wait_for_timeout(800)


def _made_up(nodes: int) -> dict[str, object]:
    """Nodes of which a few have many ties, as people and places have."""
    rng = np.random.default_rng(3)
    ends = [(int(at * rng.random() ** 2), at) for at in range(1, nodes) for _ in range(2)]
    ids = [str(UUID(int=number)) for number in range(nodes)]
    now = datetime.now(UTC).isoformat()
    about: dict[str, object] = {
        "content": "",
        "role": "entity",
        "kind": None,
        "aliases": [],
        "salience": 0.5,
    }
    return {
        "nodes": [
            {
                "id": node,
                "labels": ["Entity", "Person" if number % 3 else "Place"],
                "properties": {**about, "name": word(number), "created_at": now, "source": {}},
            }
            for number, node in enumerate(ids)
        ],
        "relationships": [
            {
                "source": ids[source],
                "target": ids[target],
                "type": "mentions",
                "properties": {"weight": 1, "ts": now, "valid_from": None, "valid_to": None},
            }
            for source, target in ends
        ],
        "degraded": [],
    }


_STEPS: Mapping[str, Callable[[Page], None]] = {
    "scroll through the days": _scroll_days,
    "open a day and read it": _open_day,
    "recall 50": _recall,
    "search while typing": _search,
}


def _print(arguments: argparse.Namespace, steps: list[Step]) -> None:
    if arguments.json:
        print(json_line({"traces": arguments.traces, "steps": [asdict(step) for step in steps]}))
        return
    print(f"{arguments.traces:,} traces over {arguments.days} days\n")
    for step in steps:
        print(
            f"  {step.name:<26} {step.long_tasks:>3} long tasks, longest {step.longest_ms:>5.0f} ms"
        )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--traces", type=int, default=50_000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--nodes", type=int, default=3_000)
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    parser.add_argument("--json", action="store_true", help="one line of JSON")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
