"""Dreams in the background, whenever the clock, a forgetting or an administrator says so."""

import asyncio

import structlog

from app.errors import UnavailableError
from app.log import places
from app.services.nightly_dream_service import NightlyDreamService

log = structlog.get_logger()


class DreamRunner:
    """Works off what is due each time it is woken. What is to be done is in the database, so a call
    that comes while it works, or gets lost with the process, does no harm."""

    def __init__(self, dream: NightlyDreamService) -> None:
        self._dream = dream
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """There may be something to do."""
        self._wake.set()

    async def run(self) -> None:
        """Work until cancelled. Whatever goes wrong is logged and tried again."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                nights = await self._dream.dream_for_all()
                if nights:
                    log.info(
                        "dream.done", people=len(nights), runs=sum(len(n.leases) for n in nights)
                    )
            except UnavailableError as error:
                log.warning("dream.postponed", reason=error.detail)
            except Exception as error:  # the next night must come all the same
                log.error("dream.broken", **places(error))
