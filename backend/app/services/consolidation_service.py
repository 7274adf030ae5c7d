"""The dream on request: now instead of tonight, for an administrator who waits for it or does not."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from app.dream.fading import Decision
from app.errors import NotFoundError
from app.models import ConsolidationRun
from app.services.downshift import Downshift, Downshifted
from app.services.fading import Fading
from app.services.nightly_dream_service import Night, NightlyDreamService
from app.storage.consolidations import ConsolidationStore
from app.storage.database import Database
from app.storage.users import UserStore

Status = Literal["done", "unchanged", "empty", "running", "failed", "accepted"]


@dataclass(frozen=True, slots=True)
class Consolidation:
    """What came of it. ``runs`` are those that were worked off or, of ``accepted``, that wait;
    ``run`` is the one of the latest day, and ``summary_trace`` its summary. ``downshift`` is what a
    night for everybody did to old months."""

    status: Status
    runs: tuple[ConsolidationRun, ...]
    run: ConsolidationRun | None = None
    downshift: Downshifted | None = None

    @property
    def summary_trace(self) -> UUID | None:
        """The summary of the latest day, if it has one."""
        found = self.run.report.get("summary_trace") if self.run is not None else None
        return None if found is None else UUID(found)

    @property
    def edges_created(self) -> int:
        """How many edges the runs have made."""
        return sum(run.report.get("edges_created", 0) for run in self.runs)


class ConsolidationService:
    """Asks for runs, works them off or has them worked off, and shows them."""

    def __init__(
        self,
        database: Database,
        dream: NightlyDreamService,
        fading: Fading,
        downshift: Downshift,
        *,
        wake_dreamer: Callable[[], None],
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._dream = dream
        self._fading = fading
        self._downshift = downshift
        self._wake_dreamer = wake_dreamer
        self._clock = clock

    async def consolidate(self, user_id: UUID, *, day: date | None, wait: bool) -> Consolidation:
        """Dream one person's day, or all of theirs that wait, today's so far included.

        Raises:
            NotFoundError: there is no such person.
            InvalidInputError: the day has not begun.
        """
        await self._require_person(user_id)
        await self._dream.ask(user_id, only=day)
        if not wait:
            self._wake_dreamer()
            return await self._accepted(user_id, day)
        night = await self._dream.dream_for(user_id, only=day)
        return await self._outcome(night, day)

    async def consolidate_all(self, *, day: date | None, wait: bool) -> Consolidation:
        """Dream for everybody, then downshift what has become old. Without ``wait`` it is what is due
        that is dreamt, in the background."""
        if not wait:
            self._wake_dreamer()
            return Consolidation("accepted", ())
        nights = await self._dream.dream_for_all(ask=True, only=day)
        runs = [run for night in nights for run in await self._runs(night)]
        shifted = await self._downshift.run()
        is_new = bool(runs) or shifted is not None
        return Consolidation("done" if is_new else "unchanged", tuple(runs), downshift=shifted)

    async def preview(self, user_id: UUID) -> Decision:
        """What would be promoted and what would fade if the night fell now.

        Raises:
            NotFoundError: there is no such person.
        """
        await self._require_person(user_id)
        async with self._database.unit_of_work() as work:
            return await self._fading.preview(work.session, user_id, at=self._clock())

    async def runs(
        self, user_id: UUID, *, page: int, per_page: int
    ) -> tuple[list[ConsolidationRun], int]:
        """One page of a person's runs, latest first."""
        async with self._database.unit_of_work() as work:
            return await ConsolidationStore(work.session).page(
                user_id, page=page, per_page=per_page
            )

    async def _accepted(self, user_id: UUID, day: date | None) -> Consolidation:
        async with self._database.unit_of_work() as work:
            waiting = await ConsolidationStore(work.session).waiting(user_id, now=self._clock())
        runs = tuple(run for run in waiting if day in (None, run.day))
        return Consolidation("accepted", runs, _latest_day(runs))

    async def _outcome(self, night: Night, day: date | None) -> Consolidation:
        runs = await self._runs(night)
        run = _latest_day(runs) or await self._known(night.user_id, day)
        return Consolidation(_status(run, is_new=bool(runs)), tuple(runs), run)

    async def _runs(self, night: Night) -> Sequence[ConsolidationRun]:
        async with self._database.unit_of_work() as work:
            store = ConsolidationStore(work.session)
            keys = dict.fromkeys((lease.day, lease.kind) for lease in night.leases)
            found = [await store.get(night.user_id, key) for key in keys]
        return [run for run in found if run is not None]

    async def _known(self, user_id: UUID, day: date | None) -> ConsolidationRun | None:
        """The run of the day, or of the latest one, that there was before."""
        async with self._database.unit_of_work() as work:
            store = ConsolidationStore(work.session)
            if day is not None:
                return await store.get(user_id, (day, "daily"))
            return await store.latest_day(user_id)

    async def _require_person(self, user_id: UUID) -> None:
        async with self._database.unit_of_work() as work:
            if await UserStore(work.session).get(user_id) is None:
                raise NotFoundError("There is no such person.")


def _latest_day(runs: Sequence[ConsolidationRun]) -> ConsolidationRun | None:
    days = [run for run in runs if run.kind == "daily"]
    return max(days, key=lambda run: run.day) if days else (runs[-1] if runs else None)


def _status(run: ConsolidationRun | None, *, is_new: bool) -> Status:
    if run is None:
        return "empty"
    if run.state == "done":
        return "done" if is_new else "unchanged"
    return "failed" if run.state == "failed" else "running"
