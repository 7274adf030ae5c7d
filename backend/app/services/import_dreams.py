"""What the dream has made, out of an export and into the account that it came from.

Another account dreams of its days itself: the ids of what a dream makes are made of the person's.
"""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.services.export_lines import InsightOfExport, Line, TraceOfExport
from app.storage.entities import EntityNode, EntityStore
from app.storage.facts import FactStore, NewFact
from app.storage.insights import InsightStore
from app.storage.traces import TraceStore
from app.storage.transfer import ImportStore

DREAMT = (EntityNode, NewFact, InsightOfExport)


def is_dreamt(line: Line) -> bool:
    """Whether the dream made this."""
    if isinstance(line, TraceOfExport):
        return line.new.role == "summary" and line.new.source["type"] == "dream"
    return isinstance(line, DREAMT)


class DreamImport:
    """One person's import of dreams in this session's transaction; their write lock is held."""

    def __init__(self, session: AsyncSession) -> None:
        self._traces = TraceStore(session)
        self._entities = EntityStore(session)
        self._facts = FactStore(session)
        self._insights = InsightStore(session)
        self._imports = ImportStore(session)

    async def nodes(
        self, user_id: UUID, nodes: Sequence[EntityNode], *, gone: Collection[UUID]
    ) -> int:
        """Make the nodes that are not there; how many. Those of ``gone`` are left to the next dream:
        their names may stand in nothing any more."""
        known = await self._traces.by_ids(user_id, [node.id for node in nodes])
        new = {node.id: node for node in nodes if node.id not in known and node.id not in gone}
        await self._entities.put(user_id, list(new.values()))
        return len(new)

    async def facts(self, user_id: UUID, facts: Sequence[NewFact]) -> int:
        """Write the facts that are borne out by what is there, and show them as edges; how many."""
        subjects = await self._imports.add_facts(user_id, facts)
        await self._facts.reopen(user_id, set(subjects))
        return len(subjects)

    async def insights(self, user_id: UUID, insights: Sequence[InsightOfExport]) -> int:
        """Keep the insights whose evidence is all there; how many."""
        return sum(
            [
                await self._insights.take_over(user_id, one.insight, helpful=one.helpful)
                for one in insights
            ]
        )
