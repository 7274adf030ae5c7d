"""Connections and transactions: every connection sees the ``sara_memory`` schema and speaks pgvector.

A *unit of work* is one request or batch: one transaction, committed before the answer leaves, and
what may only happen after the commit (Redis comes after Postgres).
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from pgvector import HalfVector, Vector
from pgvector.psycopg import register_vector_async
from psycopg import AsyncCursor
from psycopg.errors import ForeignKeyViolation
from psycopg.pq import Format
from sqlalchemy import (
    ARRAY,
    CollectionAggregate,
    Engine,
    Text,
    TextClause,
    Uuid,
    any_,
    cast,
    create_engine,
    event,
    literal,
    text,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import QueuePool

from app.errors import NotSignedInError, StartupError, UnavailableError
from app.storage.guard import stand_guard

SCHEMA = "sara_memory"
# Our queries are short: compiling one takes longer than running it. The options for HNSW count in the one
# query that reads such an index, which goes on when a filter leaves it with too few rows.
OPTIONS = (
    f"-csearch_path={SCHEMA},public",
    "-cjit=off",
    "-chnsw.iterative_scan=relaxed_order",
    "-chnsw.ef_search=400",
)
CONNECT_ARGS = {"options": " ".join(OPTIONS), "application_name": "sara-memory"}
NO_ANSWER = (OperationalError, InterfaceError, PoolTimeoutError)
LONGEST_PAUSE = "60s"
# The foreign key of a table to app_user, as Postgres names it; on a shard with the shard's number.
_OWNED_BY = re.compile(r"_user_id_fkey(_\d+)?$")
AfterCommit = Callable[[], Awaitable[None]]


@cache
def statement(name: str, *, across_people: str | None = None) -> TextClause:
    """The SQL of ``storage/sql/<name>.sql``, its parameters bound by name. One that is about
    everybody says why: see ``storage/guard.py``."""
    found = text((Path(__file__).parent / "sql" / f"{name}.sql").read_text())
    return found.execution_options(across_people=across_people) if across_people else found


def uuid_array(ids: Iterable[UUID | str]) -> str:
    """A ``uuid[]`` parameter, written ten times faster than psycopg writes a list of UUIDs."""
    return "{" + ",".join(map(str, ids)) + "}"


def integer_array(numbers: Iterable[int]) -> str:
    """The same of ``bigint[]`` or ``smallint[]``."""
    return "{" + ",".join(map(str, numbers)) + "}"


def any_of(ids: Iterable[UUID]) -> CollectionAggregate[bool]:
    """For ``column == any_of(ids)``: one parameter, however many ids there are."""
    return any_(cast(literal(uuid_array(ids), Text), ARRAY(Uuid)))


def sync_engine(url: str) -> Engine:
    """An engine for migrations and scripts, which have no event loop."""
    return create_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        connect_args=CONNECT_ARGS,
        hide_parameters=True,
    )


@dataclass(frozen=True, slots=True)
class VectorColumn:
    """How this database stores vectors: ``type`` is ``halfvec`` or ``vector``, ``dim`` its length.

    ``iterative_scan`` is there from pgvector 0.8 on: an index scan that goes on when a filter
    leaves it with too few rows.
    """

    type: str
    dim: int
    iterative_scan: bool

    def encode(self, vector: Any) -> HalfVector | Vector:
        """A float32 array as psycopg sends it, in binary."""
        return HalfVector(vector) if self.type == "halfvec" else Vector(vector)


@dataclass(slots=True)
class UnitOfWork:
    """A session in one transaction, what is ``held`` until it has ended either way, and the calls
    that follow its commit in the order given."""

    session: AsyncSession
    held: AsyncExitStack = field(default_factory=AsyncExitStack)
    after_commit: list[AfterCommit] = field(default_factory=list)


class Database:
    """The pool of connections to Postgres."""

    def __init__(self, url: str) -> None:
        self.engine = create_async_engine(
            make_url(url).set(drivername="postgresql+psycopg"),
            connect_args=CONNECT_ARGS,
            pool_size=10,
            max_overflow=10,
            hide_parameters=True,
        )
        event.listen(self.engine.sync_engine, "connect", _prepare_connection)
        stand_guard(self.engine.sync_engine)
        self._reading: AsyncEngine = self.engine.execution_options(isolation_level="AUTOCOMMIT")

    @asynccontextmanager
    async def unit_of_work(self) -> AsyncIterator[UnitOfWork]:
        """Commit when the block ends well, roll back when it raises, then run what follows.

        Raises:
            UnavailableError: Postgres does not answer.
            NotSignedInError: the account that this was written for was erased meanwhile.
        """
        try:
            async with (
                AsyncExitStack() as held,
                AsyncSession(self.engine, expire_on_commit=False) as session,
            ):
                work = UnitOfWork(session, held)
                yield work
                await session.commit()
        except NO_ANSWER as error:
            raise UnavailableError("The database does not answer: try again shortly.") from error
        except IntegrityError as error:
            if _is_of_nobody(error):
                raise NotSignedInError("This account is gone.") from error
            raise
        for call in work.after_commit:
            await call()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[UnitOfWork]:
        """For statements that only read: without a transaction around them, which takes two more trips.

        Raises:
            UnavailableError: Postgres does not answer.
        """
        try:
            async with AsyncSession(self._reading, expire_on_commit=False) as session:
                yield UnitOfWork(session)
        except NO_ANSWER as error:
            raise UnavailableError("The database does not answer: try again shortly.") from error

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncConnection]:
        """A connection of its own for reading one moment's state. Whoever stops reading loses it after
        ``LONGEST_PAUSE``: the server cannot clean up behind an open snapshot.

        Raises:
            UnavailableError: Postgres does not answer.
        """
        pause = text(f"SET LOCAL idle_in_transaction_session_timeout = '{LONGEST_PAUSE}'")
        try:
            async with self.engine.connect() as connection:
                await connection.execution_options(isolation_level="REPEATABLE READ")
                await connection.execute(pause)
                yield connection
        except NO_ANSWER as error:
            raise UnavailableError("The database does not answer: try again shortly.") from error

    @asynccontextmanager
    async def autocommit(self) -> AsyncIterator[AsyncConnection]:
        """A connection of its own for statements that no transaction may hold."""
        async with self.engine.connect() as connection:
            yield await connection.execution_options(isolation_level="AUTOCOMMIT")

    async def vector_column(self) -> VectorColumn:
        """What the migrations made of ``memory_embedding.vec`` on this server.

        Raises:
            StartupError: the tables are not there.
        """
        try:
            async with self.unit_of_work() as work:
                row = (await work.session.execute(statement("vector_column"))).one_or_none()
        except ProgrammingError:  # psycopg finds no type named vector
            row = None
        if row is None:
            raise StartupError("The database has no tables yet: run `sara-memory migrate` first.")
        major, minor = (int(part) for part in row.version.split(".")[:2])
        return VectorColumn(row.type, row.dim, (major, minor) >= (0, 8))

    def connections_in_use(self) -> int:
        """How many connections are out of the pool."""
        pool = self.engine.pool
        return pool.checkedout() if isinstance(pool, QueuePool) else 0

    async def close(self) -> None:
        """Give every connection back to the server."""
        await self.engine.dispose()


def _is_of_nobody(error: IntegrityError) -> bool:
    """Whether a row was refused because there is no such person."""
    refused = error.orig
    constraint = refused.diag.constraint_name if isinstance(refused, ForeignKeyViolation) else None
    return constraint is not None and _OWNED_BY.search(constraint) is not None


class _BinaryCursor(AsyncCursor[Any]):
    """Asks for results in binary, which psycopg reads in half the time."""

    def __init__(self, connection: Any, *, row_factory: Any = None) -> None:
        super().__init__(connection, row_factory=row_factory or connection.row_factory)
        self.format = Format.BINARY


def _prepare_connection(connection: Any, _record: object) -> None:
    connection.run_async(register_vector_async)
    connection.driver_connection.cursor_factory = _BinaryCursor
