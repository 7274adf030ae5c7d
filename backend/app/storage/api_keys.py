"""The API keys of people."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import ApiKey, AppUser


class ApiKeyStore:
    """One person's keys in this session's transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, key: ApiKey) -> None:
        """A new key."""
        self._session.add(key)

    async def all(self, user_id: UUID) -> list[ApiKey]:
        """Every key, oldest first."""
        query = select(ApiKey).where(ApiKey.user_id == user_id)
        return list(await self._session.scalars(query.order_by(ApiKey.created_at, ApiKey.id)))

    async def count(self, user_id: UUID) -> int:
        """How many there are."""
        query = select(func.count()).select_from(ApiKey).where(ApiKey.user_id == user_id)
        return await self._session.scalar(query) or 0

    async def with_owner(self, user_id: UUID, key_id: UUID) -> tuple[ApiKey, AppUser] | None:
        """One key and its person."""
        query = (
            select(ApiKey, AppUser)
            .join(AppUser, AppUser.id == ApiKey.user_id)
            .where(ApiKey.user_id == user_id, ApiKey.id == key_id)
        )
        row = (await self._session.execute(query)).one_or_none()
        return None if row is None else (row[0], row[1])

    async def note_use(self, user_id: UUID, key_id: UUID, *, at: datetime) -> None:
        """It was used."""
        await self._session.execute(
            update(ApiKey)
            .where(ApiKey.user_id == user_id, ApiKey.id == key_id)
            .values(last_used_at=at)
            .execution_options(synchronize_session=False)
        )

    async def remove(self, user_id: UUID, key_id: UUID) -> bool:
        """Delete one; whether it was there."""
        gone = await self._session.execute(
            delete(ApiKey)
            .where(ApiKey.user_id == user_id, ApiKey.id == key_id)
            .returning(ApiKey.id)
        )
        return gone.first() is not None
