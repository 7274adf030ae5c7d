"""What is recalled lasts longer: counted in memory, written behind in batches."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from app.errors import UnavailableError
from app.storage.database import Database, statement


@dataclass(slots=True)
class _Uses:
    count: dict[UUID, int] = field(default_factory=lambda: defaultdict(int))
    last: dict[UUID, datetime] = field(default_factory=dict)


class Strengthening:
    """Collects uses by person until ``flush`` writes them. A crash loses at most a few seconds'."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._uses: dict[UUID, _Uses] = defaultdict(_Uses)

    def note(self, user_id: UUID, trace_ids: Iterable[UUID], *, at: datetime) -> None:
        """These traces were recalled."""
        uses = self._uses[user_id]
        for trace_id in trace_ids:
            uses.count[trace_id] += 1
            uses.last[trace_id] = at

    async def flush(self) -> None:
        """Write what has been collected, one statement a person. What cannot be written is kept."""
        collected, self._uses = self._uses, defaultdict(_Uses)
        for user_id, uses in collected.items():
            ids = sorted(uses.count)
            try:
                async with self._database.unit_of_work() as work:
                    await work.session.execute(
                        statement("strengthen"),
                        {
                            "user_id": user_id,
                            "trace_ids": ids,
                            "uses": [uses.count[trace_id] for trace_id in ids],
                            "last": [uses.last[trace_id] for trace_id in ids],
                        },
                    )
            except UnavailableError:
                self._keep(user_id, uses)

    def _keep(self, user_id: UUID, uses: _Uses) -> None:
        for trace_id, count in uses.count.items():
            kept = self._uses[user_id]
            kept.count[trace_id] += count
            kept.last.setdefault(trace_id, uses.last[trace_id])
