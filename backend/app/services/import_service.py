"""Reads an export back, a batch a transaction; what is there already or was forgotten is passed over."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.language.words import Words
from app.services.export_lines import (
    Derivations,
    InsightOfExport,
    Line,
    Parse,
    TraceOfExport,
    batches,
    read_through,
)
from app.services.import_dreams import DreamImport, is_dreamt
from app.services.import_notes import NoteImport
from app.services.intake import Intake, same_source
from app.services.trace_draft import TraceDraft, draft
from app.services.trace_writer import TraceWriter
from app.services.turns import Turns, take_turn
from app.storage.database import Database, UnitOfWork
from app.storage.entities import EntityNode
from app.storage.facts import NewFact
from app.storage.pruned import PrunedOfExport, PrunedStore
from app.storage.traces import TraceStore
from app.storage.transfer import EdgeOfExport, ImportStore
from app.storage.working_memory import WorkingMemory

BATCH = 500


@dataclass(slots=True)
class Imported:
    """How many traces were written, were known already, or are named by a tombstone; edges; and of
    what the dream has made, nodes, facts and insights; what it has pruned; notes, and what was connected
    and judged."""

    traces: int = 0
    known: int = 0
    forgotten: int = 0
    edges: int = 0
    nodes: int = 0
    facts: int = 0
    insights: int = 0
    pruned: int = 0
    notes: int = 0
    connections: int = 0
    verdicts: int = 0


class ImportService:
    """One person's import. It owns its transactions: an import is longer than a request's."""

    def __init__(
        self,
        database: Database,
        *,
        writer_for: Callable[[AsyncSession], TraceWriter],
        working_memory: WorkingMemory,
        words: Words,
        turns: Turns,
        parse: Parse,
        clock: Callable[[], datetime],
        wake_worker: Callable[[], None],
    ) -> None:
        self._database = database
        self._writer_for = writer_for
        self._working_memory = working_memory
        self._words = words
        self._turns = turns
        self._parse = parse
        self._clock = clock
        self._wake_worker = wake_worker

    async def read(self, user_id: UUID, file: BinaryIO) -> Imported:
        """Check the whole file, then write it. Sent again, it goes on where it was broken off.

        Raises:
            InvalidInputError: names the bad lines; nothing was imported then.
        """
        derivations = await asyncio.to_thread(read_through, file, self._parse)
        imported = Imported()
        is_own = derivations.account == user_id
        waiting = batches(file, self._parse, size=BATCH)
        while batch := await asyncio.to_thread(next, waiting, None):
            taken = [line for line in batch if is_own or not is_dreamt(line)]
            await self._write(user_id, taken, derivations, imported)
        if imported.notes:
            await self._settle_notes(user_id)
        self._wake_worker()
        return imported

    async def _write(
        self, user_id: UUID, batch: Sequence[Line], derivations: Derivations, imported: Imported
    ) -> None:
        traces = [line for line in batch if isinstance(line, TraceOfExport)]
        edges = [line for line in batch if isinstance(line, EdgeOfExport)]
        drafts = await asyncio.to_thread(self._drafts, user_id, traces)
        async with self._database.unit_of_work() as work:
            store = TraceStore(work.session)
            usage = await take_turn(user_id, turns=self._turns, work=work, traces=store)
            if drafts:
                await self._write_traces(user_id, drafts, derivations, work, imported)
            await self._write_dreams(user_id, batch, derivations, work, imported)
            imported.pruned += await self._write_pruned(user_id, batch, work)
            await self._write_notes(user_id, batch, work, imported)
            if edges:
                imported.edges += await self._write_edges(user_id, edges, derivations, work)
            work.after_commit.append(
                lambda: self._begin_afresh(user_id, generation=usage.generation)
            )

    async def _write_traces(
        self,
        user_id: UUID,
        drafts: Sequence[TraceDraft],
        derivations: Derivations,
        work: UnitOfWork,
        imported: Imported,
    ) -> None:
        store = TraceStore(work.session)
        ids = [item.trace.id for item in drafts]
        gone = await self._gone(user_id, ids, derivations, work)
        stored = await store.by_ids(user_id, ids)
        from_source = await Intake(work.session, store).known(user_id, drafts)
        new: dict[UUID, TraceDraft] = {}
        for item in drafts:
            trace_id = item.trace.id
            is_known = trace_id in stored or trace_id in new
            if is_known or same_source(item, from_source) is not None:
                imported.known += 1
            elif trace_id in gone:
                imported.forgotten += 1
            else:
                new[trace_id] = item
                if item.new.source_key is not None:
                    from_source[item.new.source_key] = item.trace
        is_own = derivations.account == user_id  # then its dreams are in the file as well
        await self._writer_for(work.session).add(
            user_id, list(new.values()), now=self._clock(), again=not is_own
        )
        imported.traces += len(new)

    async def _gone(
        self, user_id: UUID, ids: Sequence[UUID], derivations: Derivations, work: UnitOfWork
    ) -> set[UUID]:
        """What must not come back, of these and of all that they were made from."""
        reached = derivations.reaching(ids)
        named = await ImportStore(work.session).named(user_id, reached)
        return derivations.gone(reached, named)

    async def _write_dreams(
        self,
        user_id: UUID,
        batch: Sequence[Line],
        derivations: Derivations,
        work: UnitOfWork,
        imported: Imported,
    ) -> None:
        dreams = DreamImport(work.session)
        if nodes := [line for line in batch if isinstance(line, EntityNode)]:
            gone = await self._gone(user_id, [node.id for node in nodes], derivations, work)
            imported.nodes += await dreams.nodes(user_id, nodes, gone=gone)
        if facts := [line for line in batch if isinstance(line, NewFact)]:
            imported.facts += await dreams.facts(user_id, facts)
        if insights := [line for line in batch if isinstance(line, InsightOfExport)]:
            kept = await self._without_the_gone(user_id, insights, derivations, work)
            imported.insights += await dreams.insights(user_id, kept)

    async def _write_pruned(self, user_id: UUID, batch: Sequence[Line], work: UnitOfWork) -> int:
        """What was pruned there, unless it was forgotten here. A trace that was pruned here is written
        like any other: what was made of it then stays noted down."""
        lines = [line for line in batch if isinstance(line, PrunedOfExport)]
        if not lines:
            return 0
        gone = await ImportStore(work.session).named(user_id, {line.id for line in lines})
        return await PrunedStore(work.session).take_over(
            user_id, [line for line in lines if line.id not in gone]
        )

    async def _without_the_gone(
        self,
        user_id: UUID,
        insights: Sequence[InsightOfExport],
        derivations: Derivations,
        work: UnitOfWork,
    ) -> list[InsightOfExport]:
        """Those of these insights that call nobody by a name which must not come back."""
        called = [derivations.called_in(one.insight.text) for one in insights]
        gone = await self._gone(user_id, list(set().union(*called)), derivations, work)
        return [one for one, names in zip(insights, called, strict=True) if not names & gone]

    async def _write_notes(
        self, user_id: UUID, batch: Sequence[Line], work: UnitOfWork, imported: Imported
    ) -> None:
        taken = await NoteImport(work.session, clock=self._clock).take(user_id, batch)
        imported.notes += taken.notes
        imported.connections += taken.connections
        imported.verdicts += taken.verdicts

    async def _settle_notes(self, user_id: UUID) -> None:
        async with self._database.unit_of_work() as work:
            store = TraceStore(work.session)
            await take_turn(user_id, turns=self._turns, work=work, traces=store)
            await NoteImport(work.session, clock=self._clock).settle(user_id)

    async def _write_edges(
        self,
        user_id: UUID,
        edges: Sequence[EdgeOfExport],
        derivations: Derivations,
        work: UnitOfWork,
    ) -> int:
        """A relation between two entity nodes may rest on a trace that was forgotten: where anything
        of the file was, such relations are left to the next dream. Between nodes of the dream they
        follow from the facts."""
        store = ImportStore(work.session)
        edges = [edge for edge in edges if not {edge.src, edge.dst} <= derivations.nodes.keys()]
        between = [edge for edge in edges if {edge.src, edge.dst} <= derivations.entities]
        if between and await store.named(user_id, derivations.mentioning()):
            edges = [edge for edge in edges if edge not in between]
        return await store.add_edges(user_id, edges)

    def _drafts(self, user_id: UUID, traces: Sequence[TraceOfExport]) -> list[TraceDraft]:
        now = self._clock()
        return [
            _kept(draft(user_id, line.new, words=self._words, now=now), line) for line in traces
        ]

    async def _begin_afresh(self, user_id: UUID, *, generation: int) -> None:
        """The next recall fills the working memory with what are the latest traces now."""
        await self._working_memory.drop(user_id, generation=generation)


def _kept(item: TraceDraft, line: TraceOfExport) -> TraceDraft:
    """A draft that keeps what its trace had before."""
    item.trace.id = line.id
    item.trace.pinned = line.pinned
    item.trace.access_count = line.access_count
    item.trace.last_accessed_at = line.last_accessed_at
    item.trace.faded_at = line.faded_at
    item.trace.corrected_at = line.corrected_at
    return item
