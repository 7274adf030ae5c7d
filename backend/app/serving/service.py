"""From settings to a running service and back to nothing."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from ipaddress import ip_address

import uvicorn

from app.embedded import embedded_servers
from app.errors import StartupError
from app.main import create_app
from app.serving.port import listening, port_advice, port_of
from app.serving.stop_signals import StopSignals
from app.settings import Settings
from app.storage.migrations import migrate

LONGEST_FAREWELL = 5  # seconds that running requests get to finish

Welcome = Callable[[str], Awaitable[None]]
"""What to do with the service's URL as soon as it answers."""


def run_service(settings: Settings, *, stop: StopSignals, welcome: Welcome) -> None:
    """Serve until ``stop`` is told to; then stop everything that was started, and return.

    Raises:
        StartupError: the port is taken, or a part that is needed does not start.
    """
    with (
        listening(settings.host, settings.port) as sockets,
        embedded_servers(settings) as complete,
    ):
        if complete.database_url is not None:
            migrate(complete.database_url.get_secret_value())
        with suppress(asyncio.CancelledError):  # a signal came before it answered
            asyncio.run(_serve(complete, sockets, stop=stop, welcome=welcome))


async def _serve(
    settings: Settings, sockets: list[socket.socket], *, stop: StopSignals, welcome: Welcome
) -> None:
    app = create_app(settings)
    config = uvicorn.Config(
        app,
        lifespan="off",  # entered below, for its errors to come out as they are
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # the application reads them itself
        timeout_graceful_shutdown=LONGEST_FAREWELL,
    )
    url = f"http://{_shown(settings.host)}:{port_of(sockets)}"
    server = _Server(config, lambda: welcome(url), port=port_of(sockets))
    loop, task = asyncio.get_running_loop(), asyncio.current_task()

    def end() -> None:
        if server.started:
            server.should_exit = True
        elif task is not None:
            task.cancel()

    with stop.handed_to(lambda: loop.call_soon_threadsafe(end)):
        async with app.router.lifespan_context(app):
            await server.run_to_end(sockets)


class _Server(uvicorn.Server):
    """Uvicorn that leaves the signals to us and says when it answers."""

    def __init__(
        self, config: uvicorn.Config, welcome: Callable[[], Awaitable[None]], *, port: int
    ) -> None:
        super().__init__(config)
        self._port = port
        self._welcome = welcome
        self._welcoming: asyncio.Task[None] | None = None

    async def run_to_end(self, sockets: list[socket.socket]) -> None:
        """Serve; an error in the welcome ends it and is raised."""
        await self.serve(sockets=sockets)
        if self._welcoming is not None:
            self._welcoming.cancel()
            with suppress(asyncio.CancelledError):
                await self._welcoming

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets=sockets)
        except OSError as error:  # another one began to listen while we started
            raise StartupError(port_advice(self._port, error)) from error
        self._welcoming = asyncio.create_task(self._say_welcome())

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def _say_welcome(self) -> None:
        try:
            await self._welcome()
        except Exception:
            if not self.should_exit:  # else it is only that we no longer answer
                self.should_exit = True
                raise


def _shown(host: str) -> str:
    """What to type into a browser on this machine."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if address.is_unspecified:
        return "localhost"
    return f"[{host}]" if address.version == 6 else host
