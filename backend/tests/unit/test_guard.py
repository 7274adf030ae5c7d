"""The second wall: a statement that forgets ``user_id`` does not reach the database."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import delete, func, select, text, tuple_, update
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from support.databases import database_url

from app.errors import StatementRefusedError
from app.models import MemoryEdge, MemoryTrace
from app.settings import Settings
from app.storage import database as database_module
from app.storage.database import Database
from app.storage.guard import unbound_table

pytestmark = pytest.mark.anyio

FORGETFUL = {
    "everything": "SELECT content FROM memory_trace",
    "one id": "SELECT content FROM memory_trace WHERE id = %(id)s",
    "an alternative": "SELECT * FROM memory_trace WHERE user_id = %(u)s OR pinned",
    "a constant": "SELECT * FROM memory_trace WHERE user_id = user_id",
    "somebody": "SELECT * FROM memory_trace WHERE user_id <> %(u)s",
    "a join": "SELECT * FROM memory_edge e JOIN memory_trace t ON t.id = e.src WHERE e.user_id = %(u)s",
    "each other's": "SELECT * FROM memory_edge e JOIN memory_trace t ON t.user_id = e.user_id",
    "an outer join": "SELECT t.content FROM memory_trace t LEFT JOIN note n"
    " ON n.user_id = t.user_id AND n.user_id = %(u)s",
    "the kept side of one": "SELECT t.content FROM memory_trace t LEFT JOIN note n"
    " ON n.user_id = %(u)s AND t.user_id = %(u)s",
    "one the other way round": "SELECT t.content FROM note n RIGHT JOIN memory_trace t"
    " ON t.user_id = n.user_id AND n.user_id = %(u)s",
    "one on both sides": "SELECT t.content FROM memory_trace t FULL JOIN note n"
    " ON n.user_id = t.user_id AND n.user_id = %(u)s AND t.user_id = %(u)s",
    "one after another": "SELECT t.content FROM note n CROSS JOIN memory_trace t LEFT JOIN memory_edge e"
    " ON e.user_id = %(u)s AND t.user_id = e.user_id WHERE n.user_id = %(u)s",
    "one in brackets": "SELECT t.content FROM (memory_trace t LEFT JOIN note n ON t.user_id = %(u)s)"
    " WHERE n.user_id = %(u)s",
    "itself in a list": "SELECT content FROM memory_trace WHERE user_id IN (%(u)s, user_id)",
    "itself in a list of rows": "SELECT content FROM memory_trace"
    " WHERE (user_id, id) IN ((%(u)s, %(id)s), (user_id, %(id)s))",
    "people under another name": "SELECT t.content FROM memory_trace t"
    " JOIN (SELECT id AS user_id FROM app_user) x ON t.user_id = x.user_id",
    "people beside": "SELECT t.content FROM memory_trace t"
    " CROSS JOIN LATERAL (SELECT a.id AS user_id FROM app_user a) x WHERE t.user_id = x.user_id",
    "people in a CTE": "WITH x AS (SELECT id AS user_id FROM app_user)"
    " SELECT t.content FROM memory_trace t JOIN x ON t.user_id = x.user_id",
    "people in a CTE of renamed columns": "WITH x (user_id, id) AS (SELECT id, %(u)s FROM app_user)"
    " SELECT t.content FROM memory_trace t JOIN x ON t.user_id = x.user_id",
    "people beside somebody": "WITH x AS (SELECT CAST(%(u)s AS uuid) AS user_id"
    " UNION SELECT id FROM app_user)"
    " SELECT t.content FROM memory_trace t JOIN x ON t.user_id = x.user_id",
    "people around": "SELECT (SELECT count(*) FROM memory_trace t WHERE t.user_id = a.user_id)"
    " FROM closed_account a",
    "a function of people": "SELECT t.content FROM app_user a CROSS JOIN LATERAL unnest(ARRAY[a.id])"
    " AS x (user_id) JOIN memory_trace t ON t.user_id = x.user_id",
    "a CTE of the table's own name": "WITH memory_trace AS (SELECT * FROM memory_trace)"
    " SELECT content FROM memory_trace",
    "a query inside": "SELECT (SELECT count(*) FROM memory_trace) FROM app_user WHERE id = %(u)s",
    "an EXISTS": "SELECT EXISTS (SELECT FROM memory_trace WHERE id = %(id)s)",
    "a CTE": "WITH t AS (SELECT * FROM memory_trace) SELECT * FROM t WHERE user_id = %(u)s",
    "a union": "SELECT id FROM memory_trace WHERE user_id = %(u)s UNION SELECT src FROM memory_edge",
    "a change": "UPDATE memory_trace SET pinned = true WHERE id = %(id)s",
    "a removal": "DELETE FROM memory_trace WHERE id = %(id)s",
    "a removal by join": "DELETE FROM memory_term t USING gone g WHERE t.term = g.term",
    "rows of nobody": "INSERT INTO memory_term (term, traces) VALUES (%(t)s, 1)",
    "rows without columns": "INSERT INTO memory_term VALUES (%(u)s, %(t)s, 1)",
    "rows of everybody": "INSERT INTO memory_term (user_id, term, traces)"
    " SELECT user_id, role, 1 FROM memory_trace",
    "all at once": "TRUNCATE memory_trace",
    "a table that nobody has told us of": "SELECT * FROM dream_insight WHERE id = %(id)s",
    "another schema": "SELECT * FROM sara_memory.memory_trace",
    "nonsense": "SELECT FROM WHERE (",
    "a copy": "COPY memory_trace TO STDOUT",
}

MINDFUL = {
    "a parameter": "SELECT * FROM memory_trace WHERE user_id = %(u)s AND id = %(id)s",
    "a cast": "SELECT * FROM memory_trace WHERE user_id = CAST(%(u)s AS uuid)",
    "a row": "SELECT * FROM pending_embedding WHERE (user_id, trace_id) = (%(u)s, %(t)s)",
    "a join": "SELECT * FROM memory_edge e JOIN memory_trace t ON t.user_id = e.user_id"
    " WHERE e.user_id = %(u)s",
    "an outer join": "SELECT t.content, n.title FROM memory_trace t LEFT JOIN note n"
    " ON n.user_id = t.user_id AND n.trace_id = t.id WHERE t.user_id = %(u)s",
    "an outer join of the rest": "SELECT t.content FROM memory_trace t LEFT JOIN note n"
    " ON n.trace_id = t.id WHERE t.user_id = %(u)s AND n.user_id = %(u)s",
    "one the other way round": "SELECT t.content FROM note n RIGHT JOIN memory_trace t"
    " ON n.user_id = t.user_id WHERE t.user_id = %(u)s",
    "a list": "SELECT content FROM memory_trace WHERE user_id IN (%(u)s, %(v)s)",
    "a list of rows": "SELECT content FROM memory_trace WHERE (user_id, id) IN (%(rows)s)",
    "a CTE of somebody": "WITH x AS (SELECT * FROM memory_usage WHERE user_id = %(u)s)"
    " SELECT t.content FROM memory_trace t JOIN x ON t.user_id = x.user_id",
    "a removal that tells whose": "WITH x AS (DELETE FROM note WHERE user_id = %(u)s RETURNING user_id)"
    " SELECT t.content FROM memory_trace t JOIN x ON t.user_id = x.user_id",
    "a query beside": "SELECT t.content FROM note n CROSS JOIN LATERAL"
    " (SELECT * FROM memory_trace m WHERE m.user_id = n.user_id) t WHERE n.user_id = %(u)s",
    "a query around": "SELECT (SELECT count(*) FROM memory_trace t WHERE t.user_id = n.user_id)"
    " FROM note n WHERE n.user_id = %(u)s",
    "a function of parameters": "SELECT t.content FROM unnest(CAST(%(us)s AS uuid[])) AS x (user_id)"
    " JOIN memory_trace t ON t.user_id = x.user_id",
    "people": "SELECT * FROM app_user WHERE lower(email) = %(e)s",
    "the catalog": "SELECT count(*) FROM pg_stat_activity",
    "functions": "SELECT * FROM unnest(%(ids)s) AS i (id)",
    "settings of the session": "SET LOCAL hnsw.ef_search = 400",
    "rows of somebody": "INSERT INTO memory_term (user_id, term, traces) VALUES (%(u)s, %(t)s, 1)",
}


@pytest.mark.parametrize("name", FORGETFUL)
def test_a_statement_that_forgets_whose_rows_it_means_is_seen(name: str) -> None:
    assert unbound_table(FORGETFUL[name]) is not None


@pytest.mark.parametrize("name", MINDFUL)
def test_a_statement_that_says_whose_rows_it_means_may_pass(name: str) -> None:
    assert unbound_table(MINDFUL[name]) is None


ABOUT_EVERYBODY = {"claim_graph_changes", "request_all_embeddings"}
FILES = sorted((Path(database_module.__file__).parent / "sql").glob("*.sql"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_file_of_sql_names_its_person(file: Path) -> None:
    sql = file.read_text().replace("{stored_bits}", "e.vec::bit(8)").replace("{asked_bits}", "'1'")
    sent = str(text(sql).compile(dialect=PGDialect_psycopg()))
    is_bound = unbound_table(sent) is None
    assert is_bound == (file.stem not in ABOUT_EVERYBODY)


STATEMENTS: list[Any] = [
    select(MemoryTrace),
    select(func.count()).select_from(MemoryTrace).where(MemoryTrace.id == uuid4()),
    select(MemoryTrace).where(tuple_(MemoryTrace.id, MemoryTrace.role).in_([(uuid4(), "user")])),
    update(MemoryTrace).where(MemoryTrace.id == uuid4()).values(pinned=True),
    delete(MemoryEdge).where(MemoryEdge.src == uuid4()),
    text("SELECT count(*) FROM memory_trace"),
]


@pytest.mark.parametrize("forgetful", STATEMENTS, ids=str)
async def test_the_database_layer_refuses_it(settings: Settings, forgetful: Any) -> None:
    database = Database(database_url(settings))
    try:
        with pytest.raises(StatementRefusedError, match=r"memory_\w+ without binding its user_id"):
            async with database.unit_of_work() as work:
                await work.session.execute(forgetful)
        with pytest.raises(StatementRefusedError):
            async with database.reading() as work:
                await work.session.execute(forgetful)
        async with database.autocommit() as connection:
            with pytest.raises(StatementRefusedError):
                await connection.execute(forgetful)
    finally:
        await database.close()


async def test_work_across_people_says_so(settings: Settings) -> None:
    database = Database(database_url(settings))
    counting = text("SELECT count(*) FROM memory_trace")
    try:
        async with database.unit_of_work() as work:
            said = counting.execution_options(across_people="a test counts")
            assert await work.session.scalar(said) >= 0
    finally:
        await database.close()
