"""DATABASE_DISTRIBUTED: what the migration asks of Citus, which is imitated here by two functions that
write down what they are asked, and refuse what Citus refuses."""

import pytest
from conftest import NewDatabase
from sqlalchemy import text
from support.databases import database_url, looking_into

from app.errors import StartupError
from app.settings import Settings
from app.storage.migrations import downgrade, migrate

CITUS = """
CREATE TABLE public.pg_dist_partition (logicalrelid regclass, together text);

CREATE FUNCTION public.create_reference_table(name regclass) RETURNS void LANGUAGE sql AS $$
    INSERT INTO public.pg_dist_partition VALUES (name, NULL)
$$;

CREATE FUNCTION public.create_distributed_table(name regclass, by text, colocate_with text)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT a.attname FROM pg_index AS i
        JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
        WHERE i.indrelid = name AND i.indisprimary) <> by THEN
        RAISE EXCEPTION 'the primary key of %% does not begin with %%', name, by;
    END IF;
    IF EXISTS (SELECT FROM pg_index AS i WHERE i.indrelid = name AND i.indisunique
            AND NOT EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = name
                AND a.attname = by AND a.attnum = ANY(i.indkey))) THEN
        RAISE EXCEPTION 'something of %% is unique without %%', name, by;
    END IF;
    IF EXISTS (SELECT FROM pg_constraint AS f WHERE f.conrelid = name AND f.contype = 'f'
            AND f.confrelid <> f.conrelid AND f.confrelid NOT IN (
                SELECT logicalrelid FROM public.pg_dist_partition)) THEN
        RAISE EXCEPTION '%% refers to a table that is not distributed', name;
    END IF;
    INSERT INTO public.pg_dist_partition VALUES (name, colocate_with);
END
$$;
"""
ASKED = "SELECT CAST(logicalrelid AS text) AS name, together FROM public.pg_dist_partition"
PEOPLES = """
    SELECT c.relname FROM pg_class AS c
    JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'user_id'
    WHERE c.relnamespace = 'sara_memory'::regnamespace AND c.relkind IN ('r', 'p')
        AND NOT c.relispartition
"""


def asked_of(settings: Settings) -> dict[str, str | None]:
    with looking_into(settings) as connection:
        return {row.name: row.together for row in connection.execute(text(ASKED))}


@pytest.fixture
def with_citus(new_database: NewDatabase, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("DATABASE_DISTRIBUTED", "true")
    fresh = new_database()
    with looking_into(fresh) as connection:
        connection.exec_driver_sql(CITUS)
    return fresh


def test_every_table_of_people_is_spread_by_person_and_lies_with_the_others(
    with_citus: Settings,
) -> None:
    migrate(database_url(with_citus))
    asked = asked_of(with_citus)
    assert {"app_user", "app_setting"} <= {name for name, with_ in asked.items() if with_ is None}
    with looking_into(with_citus) as connection:
        peoples = set(connection.execute(text(PEOPLES)).scalars())
    assert {name for name, together in asked.items() if together is not None} == peoples
    assert asked.pop("memory_usage") == "default"
    assert {together for together in asked.values() if together is not None} == {"memory_usage"}
    assert not any(name.startswith("memory_embedding_") for name in asked)


def test_what_a_later_migration_adds_is_spread_too_and_the_rest_left_alone(
    with_citus: Settings,
) -> None:
    migrate(database_url(with_citus), "0003")
    before = asked_of(with_citus)
    migrate(database_url(with_citus))
    after = asked_of(with_citus)
    assert before.items() <= after.items()
    assert "memory_forgotten" in after.keys() - before.keys()


def test_without_citus_it_is_refused_before_anything_is_made(
    new_database: NewDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_DISTRIBUTED", "true")
    fresh = new_database()
    with pytest.raises(StartupError, match="this database has no Citus"):
        migrate(database_url(fresh))
    with looking_into(fresh) as connection:
        found = connection.scalar(text("SELECT to_regnamespace('sara_memory') IS NULL"))
    assert found
    monkeypatch.delenv("DATABASE_DISTRIBUTED")
    migrate(database_url(fresh))
    downgrade(database_url(fresh), "base")
