"""Everything of one person as NDJSON, in constant memory.

Vectors and the word index are not in it: they are made anew from the text when it is imported, so the
file is a tenth of the size and fits a service with another embedding model. A kind of row is added by
a file ``storage/sql/export_<kind>s.sql`` and its name in ``KINDS``.
"""

import json
from collections.abc import AsyncIterator, Callable
from datetime import datetime

from app.models import AppUser
from app.services.transfers import Transfers
from app.storage.database import Database
from app.storage.transfer import exported

FORMAT = "sara-memory"
VERSION = 1
KINDS = (
    "trace",
    "node",
    "edge",
    "fact",
    "insight",
    "pruned_trace",
    "note",
    "connection",
    "verdict",
    "tombstone",
)
LINES_AT_ONCE = 200


class ExportService:
    """Reads one snapshot, on a connection of its own."""

    def __init__(
        self, database: Database, *, transfers: Transfers, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._transfers = transfers
        self._clock = clock

    async def begin(self, user: AppUser) -> AsyncIterator[str]:
        """Pieces of whole lines; what can go wrong at the start goes wrong before this returns.

        Raises:
            TooManyRequestsError: too many are running.
            UnavailableError: Postgres does not answer.
        """
        pieces = self._pieces(user)
        first = await anext(pieces)

        async def all_pieces() -> AsyncIterator[str]:
            yield first
            async for piece in pieces:
                yield piece

        return all_pieces()

    async def _pieces(self, user: AppUser) -> AsyncIterator[str]:
        waiting: list[str] = []
        async with self._transfers.place(), self._database.snapshot() as connection:
            yield self._header(user)
            counts = dict.fromkeys(KINDS, 0)
            for kind in KINDS:
                async for line in exported(connection, kind, user_id=user.id):
                    counts[kind] += 1
                    waiting.append(line)
                    if len(waiting) == LINES_AT_ONCE:
                        yield _joined(waiting)
                        waiting.clear()
        waiting.append(json.dumps({"kind": "end", "counts": counts}))
        yield _joined(waiting)

    def _header(self, user: AppUser) -> str:
        header = {
            "kind": "header",
            "format": FORMAT,
            "version": VERSION,
            "exported_at": self._clock().isoformat(),
            "account": str(user.id),
            "email": user.email,
            "timezone": user.timezone,
        }
        return _joined([json.dumps(header, ensure_ascii=False)])


def _joined(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
