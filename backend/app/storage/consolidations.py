"""The runs of the dream: which periods wait, who works on which, what came of it.

A run is a lease in its own row, and nothing stays locked while models work: who claims a run writes
their name into it and a sign of life every few seconds; who falls silent loses it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import ConsolidationRun
from app.storage.database import statement
from app.storage.queue import Queue

LEASE = timedelta(minutes=2)
SHORTEST_PAUSE = timedelta(minutes=10)
LONGEST_PAUSE = timedelta(days=1)
NIGHT = "the night falls for everybody"

PeriodKey = tuple[date, str]


@dataclass(frozen=True, slots=True)
class Lease:
    """The right of ``owner`` to dream one person's day, week or month."""

    user_id: UUID
    day: date
    kind: str
    owner: UUID
    attempts: int


@dataclass(frozen=True, slots=True)
class Backlog:
    """How the nights are doing: the oldest day that should have been dreamt, and the failed runs."""

    oldest_day: date | None
    failed: int | None


class ConsolidationStore:
    """Runs in this session's transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def open(
        self, user_id: UUID, due: Mapping[PeriodKey, datetime], *, now: datetime, again: bool
    ) -> None:
        """Let periods wait for their dream from the given moments on; with ``again`` even those that
        were dreamt already."""
        if not due:
            return
        keys = sorted(due)
        await self._session.execute(
            statement("open_runs"),
            {
                "user_id": user_id,
                "days": [day for day, _ in keys],
                "kinds": [kind for _, kind in keys],
                "due": [due[key] for key in keys],
                "now": now,
                "again": again,
            },
        )

    async def reopen(self, user_id: UUID, periods: Collection[PeriodKey], *, now: datetime) -> None:
        """Dream these again at once: something that they were made of is gone."""
        await self.open(user_id, dict.fromkeys(periods, now), now=now, again=True)

    async def ask(self, user_id: UUID, *, until: date, only: date | None, now: datetime) -> None:
        """Make what waits of this person due now: everything up to a day, or one day ``only``."""
        wanted = (
            ConsolidationRun.day <= until
            if only is None
            else and_(ConsolidationRun.day == only, ConsolidationRun.kind == "daily")
        )
        await self._session.execute(
            update(ConsolidationRun)
            .where(
                ConsolidationRun.user_id == user_id,
                ConsolidationRun.state.in_(("due", "failed")),
                ConsolidationRun.due_at > now,
                wanted,
            )
            .values(due_at=now)
        )

    async def people_due(self, *, now: datetime, after: UUID | None, most: int) -> list[UUID]:
        """Whose runs are due, by id, a page at a time."""
        return await self._people(_is_due(now), after, most)

    async def people_waiting(self, *, after: UUID | None, most: int) -> list[UUID]:
        """Who has a run that is not done, due or not, by id, a page at a time."""
        return await self._people(ConsolidationRun.state != "done", after, most)

    async def waiting(self, user_id: UUID, *, now: datetime) -> list[ConsolidationRun]:
        """This person's runs that are due or running, oldest first."""
        query = select(ConsolidationRun).where(
            ConsolidationRun.user_id == user_id,
            or_(_is_due(now), ConsolidationRun.state == "running"),
        )
        return list(await self._session.scalars(query.order_by(ConsolidationRun.day)))

    async def claim(
        self, user_id: UUID, *, owner: UUID, now: datetime, only: date | None
    ) -> Lease | None:
        """The next run of this person, if there is one to claim; their write lock is held."""
        rows = await self._session.execute(
            statement("claim_run"),
            {
                "user_id": user_id,
                "owner": owner,
                "now": now,
                "expired": now - LEASE,
                "day": only,
            },
        )
        row = rows.one_or_none()
        return None if row is None else Lease(user_id, row.day, row.kind, owner, row.attempts)

    async def renew(self, lease: Lease, *, now: datetime) -> bool:
        """A sign of life; whether the lease is still held."""
        return await self._change(lease, heartbeat_at=now)

    async def finish(self, lease: Lease, report: Mapping[str, Any], *, now: datetime) -> bool:
        """The run is done, in the transaction that writes its results; whether it was still held."""
        return await self._change(
            lease, state="done", owner=None, finished_at=now, report=dict(report), error=None
        )

    async def fail(self, lease: Lease, *, error: str, now: datetime) -> None:
        """Put the run off, twice as long after every attempt. ``error`` is its kind, never its
        message, which may quote a memory."""
        pause = min(SHORTEST_PAUSE * 2 ** min(lease.attempts - 1, 10), LONGEST_PAUSE)
        await self._change(
            lease,
            state="failed",
            owner=None,
            finished_at=now,
            error=error,
            due_at=now + pause,
        )

    async def get(self, user_id: UUID, key: PeriodKey) -> ConsolidationRun | None:
        """One run, as it is now."""
        return await self._session.get(ConsolidationRun, (user_id, *key), populate_existing=True)

    async def latest_day(self, user_id: UUID) -> ConsolidationRun | None:
        """The run of the latest day that was dreamt."""
        query = select(ConsolidationRun).where(
            ConsolidationRun.user_id == user_id,
            ConsolidationRun.kind == "daily",
            ConsolidationRun.state == "done",
        )
        return await self._session.scalar(query.order_by(ConsolidationRun.day.desc()).limit(1))

    async def page(
        self, user_id: UUID, *, page: int, per_page: int
    ) -> tuple[list[ConsolidationRun], int]:
        """One page of a person's runs, latest period first, and how many there are."""
        mine = ConsolidationRun.user_id == user_id
        query = (
            select(ConsolidationRun)
            .where(mine)
            .order_by(ConsolidationRun.day.desc(), ConsolidationRun.kind.desc())
        )
        total = await self._session.scalar(
            select(func.count()).select_from(ConsolidationRun).where(mine)
        )
        found = await self._session.scalars(query.limit(per_page).offset((page - 1) * per_page))
        return list(found), total or 0

    async def backlog(self, *, now: datetime) -> Backlog:
        """What should have been dreamt and was not, of everybody."""
        is_failed = ConsolidationRun.state == "failed"
        query = select(
            func.min(ConsolidationRun.day).filter(or_(is_failed, ConsolidationRun.due_at <= now)),
            func.count().filter(is_failed),
        ).where(ConsolidationRun.state != "done")
        rows = await self._session.execute(query.execution_options(across_people=NIGHT))
        return Backlog(*rows.one())

    async def queue(self, *, now: datetime) -> Queue:
        """What should have been dreamt by now, of everybody, and since when."""
        query = select(func.count(), func.min(ConsolidationRun.due_at)).where(
            ConsolidationRun.state != "done", ConsolidationRun.due_at <= now
        )
        rows = await self._session.execute(query.execution_options(across_people=NIGHT))
        return Queue(*rows.one())

    async def _people(
        self, condition: ColumnElement[bool], after: UUID | None, most: int
    ) -> list[UUID]:
        query = select(ConsolidationRun.user_id).distinct().where(condition)
        if after is not None:
            query = query.where(ConsolidationRun.user_id > after)
        query = query.order_by(ConsolidationRun.user_id).limit(most)
        return list(await self._session.scalars(query.execution_options(across_people=NIGHT)))

    async def _change(self, lease: Lease, **values: Any) -> bool:
        result = await self._session.execute(
            update(ConsolidationRun)
            .where(
                ConsolidationRun.user_id == lease.user_id,
                ConsolidationRun.day == lease.day,
                ConsolidationRun.kind == lease.kind,
                ConsolidationRun.owner == lease.owner,
            )
            .values(**values)
            .returning(ConsolidationRun.user_id)
        )
        return result.one_or_none() is not None


def _is_due(now: datetime) -> ColumnElement[bool]:
    """Ready to be claimed: its time has come, or whoever ran it has fallen silent."""
    return or_(
        and_(ConsolidationRun.state.in_(("due", "failed")), ConsolidationRun.due_at <= now),
        and_(ConsolidationRun.state == "running", ConsolidationRun.heartbeat_at < now - LEASE),
    )
