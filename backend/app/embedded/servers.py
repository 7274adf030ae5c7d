"""Starts what the settings leave open, and stops it again."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from pydantic import SecretStr

from app.embedded.account import our_account, postgres_account
from app.embedded.data_folder import DataFolder
from app.embedded.postgres import running_postgres
from app.embedded.valkey import running_valkey
from app.settings import Settings


@contextmanager
def embedded_servers(settings: Settings) -> Iterator[Settings]:
    """Settings with both URLs and a secret key, and servers behind them while the block runs.

    A URL that is set is left alone and nothing is started for it; where all three are set, the data
    folder is not even made. Whatever ends the block, what was started here is stopped.

    Raises:
        StartupError: the data folder is not ours to use, or a server does not start.
    """
    with ExitStack() as started:
        yield settings.model_copy(update=_fill_in(settings, started))


def _fill_in(settings: Settings, started: ExitStack) -> dict[str, SecretStr]:
    needs_postgres, needs_valkey = settings.database_url is None, settings.redis_url is None
    made: dict[str, SecretStr] = {}
    if not (needs_postgres or needs_valkey or settings.secret_key is None):
        return made
    folder = DataFolder.at(settings.sara_data_dir)
    if settings.secret_key is None:
        made["secret_key"] = SecretStr(folder.secret_key())
    if needs_postgres or needs_valkey:
        started.enter_context(folder.locked())
        owner = postgres_account() if needs_postgres else our_account()
        sockets = started.enter_context(folder.sockets(owner))
        if needs_postgres:
            url = started.enter_context(running_postgres(folder, sockets))
            made["database_url"] = SecretStr(url)
        if needs_valkey:
            url = started.enter_context(running_valkey(folder, sockets))
            made["redis_url"] = SecretStr(url)
    return made
