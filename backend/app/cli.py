"""The command line: ``sara-memory serve``, ``migrate``, ``reembed``, ``reforget`` and ``demo``.

What is slow to import is imported inside the commands: a signal that comes meanwhile is handled.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from pydantic import ValidationError

from app.errors import SaraError
from app.log import configure_logging
from app.serving.stop_signals import StopSignals
from app.settings import Settings

WELCOME = """
Sara Memory is running on {url}: open it in a browser, or

  Sign up   curl -s {url}/auth/signup -H 'Content-Type: application/json' \\
              -d '{{"email": "you@example.com", "password": "choose-a-long-one"}}'
            and put the access_token of the answer into TOKEN.
  Remember  curl -s {url}/memory/trace -H 'Content-Type: application/json' \\
              -H "Authorization: Bearer $TOKEN" -d '{{"content": "Ana is allergic to peanuts."}}'
  Recall    curl -s '{url}/memory/recall?q=What+can+Ana+not+eat' \\
              -H "Authorization: Bearer $TOKEN"

Everything it can do, to try in the browser: {url}/docs
Ctrl-C stops it.
"""

app = typer.Typer(
    name="sara-memory",
    help="A human-like long-term memory for assistants.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.command()
def serve() -> None:
    """Serve on HOST and PORT, with embedded servers for DATABASE_URL and REDIS_URL if not set."""
    with _orderly() as stop:
        settings = _settings()
        typer.echo("Starting Sara Memory ...")
        from app.serving.service import run_service

        run_service(settings, stop=stop, welcome=_say_what_next)
    typer.echo("Stopped.")


@app.command()
def migrate() -> None:
    """Bring the database at DATABASE_URL, or else the embedded one, to the newest schema."""
    with _orderly():
        from app.embedded import embedded_servers
        from app.storage import migrations

        with embedded_servers(_settings()) as settings:
            if settings.database_url is not None:
                migrations.migrate(settings.database_url.get_secret_value())
        typer.echo("The database is up to date.")


@app.command()
def demo() -> None:
    """Serve a sample month of memories out of a fresh SARA_DATA_DIR (.data-demo)."""
    with _orderly() as stop:
        settings = _settings()
        typer.echo("Starting Sara Memory with a sample month ...")
        from app.demo import demo_settings, tell_story
        from app.embedded import empty_disposable_folder
        from app.serving.service import run_service

        settings = demo_settings(settings)
        empty_disposable_folder(settings.sara_data_dir)
        run_service(settings, stop=stop, welcome=tell_story)
    typer.echo("Stopped.")


@app.command()
def reembed() -> None:
    """Make every vector anew for EMBEDDING_MODEL and EMBEDDING_DIM; goes on where it was stopped."""
    with _orderly():
        import asyncio

        from tqdm import tqdm

        from app.embedded import embedded_servers
        from app.main import make_embedder
        from app.services.ai_models import held_settings
        from app.services.reembedding import reembed as make_anew

        with embedded_servers(_settings()) as settings, tqdm(unit="head") as bar:

            def show(done: int, total: int) -> None:
                bar.total = total
                bar.update(done - bar.n)

            held = asyncio.run(held_settings(settings))
            asyncio.run(make_anew(held, make_embedder(held), progress=show))
        typer.echo("Every vector is of the model that the settings name.")


@app.command()
def reforget(
    tombstones: Annotated[
        typer.FileText, typer.Argument(help="tombstones.ndjson of the backup folder; - is stdin")
    ],
) -> None:
    """Forget again what was forgotten since a backup: after restoring it, before serving."""
    with _orderly():
        import asyncio

        from app.embedded import embedded_servers
        from app.services.reforgetting import reforget as forget_again
        from app.storage import migrations

        with embedded_servers(_settings()) as settings:
            if settings.database_url is not None:
                migrations.migrate(settings.database_url.get_secret_value())
            done = asyncio.run(forget_again(settings, tombstones))
        typer.echo(
            f"Forgotten again: {done.traces} traces of {done.tombstones} tombstones, "
            f"and {done.accounts} accounts."
        )


async def _say_what_next(url: str) -> None:
    typer.echo(WELCOME.format(url=url))


def _settings() -> Settings:
    settings = Settings()
    configure_logging(settings.log_format)
    return settings


@contextmanager
def _orderly() -> Iterator[StopSignals]:
    """End on a signal without a word, and on a known error with its one line and exit code 1."""
    stop = StopSignals()
    try:
        with stop.installed():
            yield stop
    except SaraError as error:
        typer.echo(f"error: {error.detail}", err=True)
        raise typer.Exit(1) from error
    except ValidationError as error:
        for problem in error.errors(include_input=False, include_url=False):
            variable = "".join(f"{part}: ".upper() for part in problem["loc"][:1])
            message = problem["msg"].removeprefix("Value error, ")
            typer.echo(f"error: {variable}{message}", err=True)
        raise typer.Exit(1) from error


if __name__ == "__main__":
    app()
