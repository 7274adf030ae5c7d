"""The warm form of old vectors: an index of one bit a dimension, a fifth of the size of the hot one.

It finds the candidates, and the vectors themselves decide between them (binary quantisation with
re-ranking, ADR 0010). Only people with very many traces need an index at all.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Row, TextClause, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import AppSetting
from app.storage.database import VectorColumn

DOWNSHIFT = "downshift"


def bits(column: VectorColumn, vector: str) -> str:
    """SQL for a vector's bits. An index is used only where both sides are written the same."""
    return f"binary_quantize({vector})::bit({column.dim})"


class WarmVectors:
    """Vectors from before the boundary of the latest downshift, in this session's transaction."""

    def __init__(self, session: AsyncSession, column: VectorColumn) -> None:
        self._session = session
        self._column = column

    async def before(self) -> datetime | None:
        """Everything before this moment is warm; None before the first downshift."""
        stored = await self._session.scalar(
            select(AppSetting.value).where(AppSetting.key == DOWNSHIFT)
        )
        return None if stored is None else datetime.fromisoformat(stored["before"])

    async def nearest(
        self, asked: Mapping[str, Any], *, before: datetime
    ) -> Sequence[Row[tuple[Any, ...]]]:
        """(trace id, head, similarity) of the nearest of one head, as ``nearest_indexed`` is asked."""
        rows = await self._session.execute(_search(self._column), {**asked, "warm_before": before})
        return rows.all()


@cache
def _search(column: VectorColumn) -> TextClause:
    sql = (Path(__file__).parent / "sql" / "nearest_warm.sql").read_text()
    return text(
        sql.format(
            stored_bits=bits(column, "e.vec"),
            asked_bits=bits(column, f"CAST(:question AS {column.type})"),
        )
    )
