"""The graph in Postgres, where it is written: always there, and never behind."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.storage.database import statement, uuid_array
from app.storage.graph import GraphEdge


class PostgresGraph:
    """``Graph`` over ``memory_edge``, in this session's transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def hubs(self, user_id: UUID, *, most: int, fan_out: int, at: datetime) -> list[UUID]:
        """The entities with the strongest ties, by their ``fan_out`` heaviest edges a direction."""
        parameters = {"user_id": user_id, "most": most, "fan_out": fan_out, "at": at}
        rows = await self._session.execute(statement("graph_hubs"), parameters)
        return [row.id for row in rows]

    async def strongest(
        self, user_id: UUID, nodes: Collection[UUID], *, fan_out: int, at: datetime
    ) -> list[GraphEdge]:
        """Of each node the ``fan_out`` heaviest and newest edges in each direction."""
        parameters = {"nodes": uuid_array(nodes), "fan_out": fan_out, "at": at}
        rows = await self._session.execute(
            statement("graph_edges"), {"user_id": user_id, **parameters}
        )
        return [GraphEdge(*row) for row in rows]

    async def among(
        self, user_id: UUID, nodes: Collection[UUID], *, most: int, at: datetime
    ) -> list[GraphEdge]:
        """The ``most`` heaviest edges between these nodes."""
        parameters = {"nodes": uuid_array(nodes), "most": most, "at": at}
        rows = await self._session.execute(
            statement("graph_among"), {"user_id": user_id, **parameters}
        )
        return [GraphEdge(*row) for row in rows]
