"""Which model made the stored vectors: a recall across two models would be noise."""

from datetime import datetime

import numpy as np
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.errors import StartupError
from app.models import AppSetting
from app.storage.database import Database, VectorColumn, statement

KEY = "embedding"
SLACK = 8  # the last numbers of a vector may be zero by chance
ANEW = "everybody's vectors are of one model"

_OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'sara-memory'"
    " AND datname = current_database() AND pid <> pg_backend_pid()"
)
_SAMPLE = text("SELECT vec FROM memory_embedding LIMIT 3").execution_options(across_people=ANEW)


async def require_same_model(
    database: Database, column: VectorColumn, *, model: str, dim: int
) -> None:
    """Take note of the model on first use, and refuse another one afterwards.

    Raises:
        StartupError: the stored vectors are of another model or length.
    """
    async with database.unit_of_work() as work:
        stored = await work.session.get(AppSetting, KEY, with_for_update=True)
        if stored is None:
            work.session.add(AppSetting(key=KEY, value={"model": model}))
            stored_model = model
        else:
            stored_model = stored.value["model"]
    if (stored_model, column.dim) != (model, dim):
        raise StartupError(
            f"The stored vectors are of model {stored_model} with {column.dim} dimensions, the "
            f"settings say {model} with {dim}. Stop the service and run `sara-memory reembed` to make "
            "them anew, or set EMBEDDING_MODEL and EMBEDDING_DIM back."
        )


async def stored_length(database: Database) -> int | None:
    """How many numbers of a stored vector the model gave; the rest is padding. None when there is no
    vector yet."""
    async with database.reading() as work:
        rows = await work.session.execute(_SAMPLE)
        vectors = [np.asarray(vec.to_list(), dtype=np.float32) for (vec,) in rows]
    used = (np.flatnonzero(vector) for vector in vectors)
    return max((int(places[-1]) + 1 for places in used if places.size), default=None)


def is_of_length(stored: int | None, dimension: int | None, *, dim: int) -> bool:
    """Whether a model whose vectors have ``dimension`` numbers can have made the stored ones, of which
    ``dim`` numbers at most were kept."""
    if stored is None or dimension is None:
        return True
    return abs(min(stored, dim) - min(dimension, dim)) <= SLACK


def other_model(stored: str, wanted: str) -> str:
    """Why vectors of another model or length cannot be used, and what to do."""
    return (
        f"The stored vectors are of {stored}, these would be of {wanted}: they cannot be compared. To "
        "change the model, stop the service, set EMBEDDING_MODEL and EMBEDDING_DIM in its environment, "
        "run `sara-memory reembed`, and start it again."
    )


async def begin_anew(
    session: AsyncSession,
    column: VectorColumn,
    *,
    model: str,
    dim: int,
    threshold: float,
    now: datetime,
) -> bool:
    """Drop vectors of another model or length and ask for all heads again, in one transaction. The
    new generation makes every working memory start afresh.

    False when the stored vectors are of this model already: then what waits is merely finished.

    Raises:
        StartupError: a service is running on this database.
    """
    if await session.scalar(_OTHERS):
        raise StartupError("Sara Memory is running on this database: stop it first.")
    stored = await session.get(AppSetting, KEY, with_for_update=True)
    if stored is not None and (stored.value["model"], column.dim) == (model, dim):
        return False
    for sql in (
        "TRUNCATE memory_embedding, memory_sketch, pending_embedding",
        f"ALTER TABLE memory_embedding ALTER vec TYPE {column.type}({dim})",
        "UPDATE memory_usage SET generation = generation + 1",
    ):
        await session.execute(text(sql).execution_options(across_people=ANEW))
    await session.merge(AppSetting(key=KEY, value={"model": model}))
    await session.execute(
        statement("request_all_embeddings", across_people=ANEW),
        {"threshold": threshold, "now": now},
    )
    return True
