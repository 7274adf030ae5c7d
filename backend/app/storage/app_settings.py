"""Settings of the whole service, one row a key, each with a version that grows when it changes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import AppSetting

SETTINGS_LOCK = 5_747_106


@dataclass(frozen=True, slots=True)
class StoredSetting:
    """What is stored under a key. ``version`` is 0 where nothing is."""

    value: dict[str, Any]
    version: int
    updated_at: datetime | None


NOTHING = StoredSetting({}, 0, None)


class AppSettingStore:
    """Settings in this session's transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def version(self, key: str) -> int:
        """The latest version; 0 where nothing is stored."""
        query = select(AppSetting.version).where(AppSetting.key == key)
        return await self._session.scalar(query) or 0

    async def get(self, key: str, *, to_change: bool = False) -> StoredSetting:
        """What is stored. ``to_change`` lets nobody else change it until this transaction ends."""
        if to_change:
            await self._session.execute(text(f"SELECT pg_advisory_xact_lock({SETTINGS_LOCK})"))
        row = await self._session.get(AppSetting, key, populate_existing=True)
        return NOTHING if row is None else StoredSetting(row.value, row.version, row.updated_at)

    async def put(self, key: str, value: dict[str, Any], *, now: datetime) -> int:
        """Store it; the new version."""
        row = insert(AppSetting).values(key=key, value=value, version=1, updated_at=now)
        query = row.on_conflict_do_update(
            index_elements=[AppSetting.key],
            set_={"value": value, "version": AppSetting.version + 1, "updated_at": now},
        ).returning(AppSetting.version)
        return (await self._session.execute(query)).scalar_one()

    async def reseal(self, key: str, value: dict[str, Any]) -> None:
        """Store the same in another form: nobody need look at it again."""
        await self._session.execute(
            update(AppSetting).where(AppSetting.key == key).values(value=value)
        )
