"""Housekeeping that nobody asks for and everybody would miss."""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy import delete

from app.errors import UnavailableError
from app.models import IdempotencyKey, RevokedToken
from app.storage.database import Database, VectorColumn
from app.storage.partitions import ensure_partitions

EXPIRY = "what is past its time goes, whoever it belongs to"
KEEP_IDEMPOTENCY_KEYS = timedelta(days=7)

log = structlog.get_logger()


class Upkeep:
    """Makes partitions ahead and lets go of old idempotency keys and of
    revocations of tokens that have expired."""

    def __init__(
        self,
        database: Database,
        column: VectorColumn,
        *,
        clock: Callable[[], datetime],
        hot_days: int,
    ) -> None:
        self._database = database
        self._column = column
        self._clock = clock
        self._hot_days = hot_days

    async def run(self) -> None:
        """Once at start and once a day. What fails is logged and tried again tomorrow."""
        now = self._clock()
        try:
            await ensure_partitions(self._database, self._column, now=now, hot_days=self._hot_days)
            async with self._database.unit_of_work() as work:
                await work.session.execute(
                    delete(IdempotencyKey)
                    .where(IdempotencyKey.created_at < now - KEEP_IDEMPOTENCY_KEYS)
                    .execution_options(across_people=EXPIRY)
                )
                await work.session.execute(
                    delete(RevokedToken)
                    .where(RevokedToken.expires_at < now)
                    .execution_options(across_people=EXPIRY)
                )
        except UnavailableError as error:
            log.warning("upkeep.postponed", reason=error.detail)
