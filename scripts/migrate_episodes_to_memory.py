"""Bring people, episodes, notes and their connections over from an existing Sara database.

    SOURCE_DATABASE_URL=postgresql://sara:secret@localhost/sara_hub \\
        python scripts/migrate_episodes_to_memory.py --dry-run

The old database is read in one transaction that can write nothing, and may be the one at DATABASE_URL
itself. What is written goes to DATABASE_URL or, when that is empty, into SARA_DATA_DIR, whose service
must be stopped. Interrupted or killed, it goes on where it was when it is called again. It ends with 0
when everything is here as it was, with 1 when something is not, and with 2 when it could not look.
"""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from pydantic import SecretStr, ValidationError
from tqdm import tqdm

from app.embedded import embedded_servers
from app.errors import SaraError
from app.log import configure_logging
from app.migration.checkpoint import Options
from app.migration.migrate import foretell, migrate, verify
from app.migration.report import Report
from app.services.trace_writer import HEADS
from app.settings import Settings, known_zone
from app.storage import migrations

COULD_NOT = 2


class Bar:
    """One bar for each thing that is gone through."""

    def __init__(self) -> None:
        self._bar: tqdm[NoReturn] | None = None
        self._what = ""

    def __call__(self, what: str, done: int, total: int) -> None:
        """See ``Progress``."""
        bar = self._bar
        if bar is None or what != self._what:
            self.close()
            self._what = what
            self._bar = bar = tqdm(desc=what, total=total or None, unit="")
        bar.update(done - bar.n)

    def close(self) -> None:
        """Leave the line as it is."""
        if self._bar is not None:
            self._bar.close()


def _zone(value: str) -> str:
    try:
        return known_zone(value)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def _heads(value: str) -> str:
    named = [head.strip() for head in value.split(",")]
    if not set(named) <= set(HEADS):
        raise typer.BadParameter(f"one or more of {', '.join(HEADS)}, separated by commas")
    return ",".join(named)


def main(
    source: Annotated[
        str | None,
        typer.Option(envvar="SOURCE_DATABASE_URL", help="The old database; DATABASE_URL if empty"),
    ] = None,
    source_schema: Annotated[str, typer.Option(help="Where its tables are")] = "public",
    since: Annotated[
        datetime | None, typer.Option(help="Only what was said from then on (UTC)")
    ] = None,
    heads: Annotated[
        str, typer.Option(callback=_heads, help="What is embedded, in the background afterwards")
    ] = ",".join(HEADS),
    assume_tz: Annotated[
        str, typer.Option(callback=_zone, help="The time zone of times that name none")
    ] = "UTC",
    batch: Annotated[int, typer.Option(min=1, max=5_000, help="Episodes a transaction")] = 500,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing")] = False,
    verify_only: Annotated[bool, typer.Option("--verify-only", help="Only compare")] = False,
    report: Annotated[Path | None, typer.Option(help="A file for the report as JSON")] = None,
) -> None:
    """Bring the memories of an existing Sara over."""
    try:
        settings = Settings()
        configure_logging(settings.log_format)
        with embedded_servers(_without_redis(settings)) as complete:
            assert complete.database_url is not None  # noqa: S101  embedded where it is not set
            here = complete.database_url.get_secret_value()
            options = Options(
                source=source or here,
                schema=source_schema,
                since=since and since.replace(tzinfo=since.tzinfo or UTC),
                heads=tuple(heads.split(",")),
                assume_tz=assume_tz,
                batch=batch,
            )
            if not (dry_run or verify_only):
                migrations.migrate(here)
            told = _run(options, complete, dry_run=dry_run, verify_only=verify_only)
    except SaraError as error:
        typer.echo(f"error: {error.detail}", err=True)
        raise typer.Exit(COULD_NOT) from error
    except ValidationError as error:
        for problem in error.errors(include_input=False, include_url=False):
            typer.echo(f"error: {'.'.join(map(str, problem['loc'])).upper()}: {problem['msg']}")
        raise typer.Exit(COULD_NOT) from error
    if report is not None:
        report.write_text(told.to_json() + "\n")
    for line in told.lines():
        typer.echo(line)
    typer.echo(_conclusion(told, dry_run=dry_run))
    raise typer.Exit(0 if told.is_right else 1)


def _without_redis(settings: Settings) -> Settings:
    """Neither Redis nor the secret is used here: nothing need be started or made for them."""
    unused = SecretStr("unused")
    return settings.model_copy(
        update={
            "redis_url": settings.redis_url or unused,
            "secret_key": settings.secret_key or unused,
        }
    )


def _run(options: Options, settings: Settings, *, dry_run: bool, verify_only: bool) -> Report:
    bar = Bar()
    work = foretell if dry_run else verify if verify_only else migrate
    try:
        return asyncio.run(work(options, settings, progress=bar, clock=lambda: datetime.now(UTC)))
    finally:
        bar.close()


def _conclusion(told: Report, *, dry_run: bool) -> str:
    if not told.is_right:
        return (
            "Something is not here as it was: see above. Called again, it brings over what is new."
        )
    return "Nothing was written." if dry_run else "Everything is here as it was."


if __name__ == "__main__":
    typer.run(main)
