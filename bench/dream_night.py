"""One night for many people: how long it takes until everybody's day is dreamt."""

import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from tqdm import tqdm

from in_process import new_person, remember

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "backend"))

from app.demo import MONTH
from app.dependencies import Resources
from app.embedded import embedded_servers
from app.embedders.local import PACKAGED_MODEL, LocalEmbedder
from app.embedders.protocol import Urgency, Vectors
from app.main import assembled
from app.services.trace_draft import NewTrace
from app.settings import Settings
from app.storage.consolidations import ConsolidationStore
from app.storage.migrations import migrate

DAY = datetime(2026, 6, 1, 9, tzinfo=UTC)
LINES_A_DAY = 24
SEED = 7


@dataclass(frozen=True, slots=True)
class Night:
    """How many people and runs there were, and the seconds that it took."""

    people: int
    traces: int
    runs: int
    failed: int
    seconds: float


class _Remembering(LocalEmbedder):
    """Knows the sample's lines by heart, which makes telling them quick; summaries are new to it."""

    def __init__(self) -> None:
        super().__init__(PACKAGED_MODEL, dim=768, precision="fp32")
        self._known: dict[str, Vectors] = {}

    async def learn(self, texts: Sequence[str]) -> None:
        vectors = await super().embed(texts, urgency=Urgency.WRITE)
        self._known = dict(zip(texts, vectors, strict=True))

    async def embed(self, texts: Sequence[str], *, urgency: Urgency) -> list[Vectors]:
        if all(text in self._known for text in texts):
            return [self._known[text] for text in texts]
        return await super().embed(texts, urgency=urgency)


async def night(*, people: int) -> Night:
    """Sign people up, tell each a day of their own, and time the night after it."""
    with (
        TemporaryDirectory(prefix="sara-bench-") as folder,
        embedded_servers(Settings(sara_data_dir=Path(folder, "data"))) as settings,
    ):
        assert settings.database_url is not None
        migrate(settings.database_url.get_secret_value())
        embedder = _Remembering()
        lines = [line.removeprefix("> ") for session in MONTH for line in session.lines]
        await embedder.learn(lines)
        async with assembled(
            settings, embedder=embedder, clock=lambda: DAY + timedelta(days=2)
        ) as resources:
            chance = random.Random(SEED)  # noqa: S311  a sample, not a secret
            for _ in tqdm(range(people), desc="people", leave=False):
                await _tell(resources, chance.sample(lines, LINES_A_DAY))
            started = time.perf_counter()
            nights = await resources.dream.dream_for_all()
            seconds = time.perf_counter() - started
            async with resources.database.unit_of_work() as work:
                runs = ConsolidationStore(work.session)
                failed = (await runs.backlog(now=resources.clock())).failed or 0
    return Night(
        people=people,
        traces=people * LINES_A_DAY,
        runs=sum(len(one.leases) for one in nights),
        failed=failed,
        seconds=seconds,
    )


async def _tell(resources: Resources, lines: Sequence[str]) -> None:
    """Somebody new, and their day in three talks."""
    user_id = await new_person(resources)
    told = [
        NewTrace(
            content=line,
            role="user",
            created_at=DAY + timedelta(hours=3 * (n % 3), minutes=n),
            salience=None,
            source={"type": "chat", "conversation_id": f"talk-{n % 3}"},
            meta={},
        )
        for n, line in enumerate(lines)
    ]
    await remember(resources, user_id, told)
