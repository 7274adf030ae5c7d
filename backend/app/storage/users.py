"""The people."""

from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import AppUser

SIGNUP_LOCK = 5_747_103


class UserStore:
    """People in this session's transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, user_id: UUID) -> AppUser | None:
        """One person."""
        return await self._session.get(AppUser, user_id)

    async def zone(self, user_id: UUID) -> ZoneInfo:
        """Where a person's days begin and end; UTC for somebody who is gone."""
        name = await self._session.scalar(select(AppUser.timezone).where(AppUser.id == user_id))
        return ZoneInfo(name or "UTC")

    async def by_email(self, email: str) -> AppUser | None:
        """The person with this address, however it is capitalised."""
        return await self._session.scalar(
            select(AppUser).where(func.lower(AppUser.email) == email.lower())
        )

    async def ids(self, *, after: UUID | None, most: int) -> list[UUID]:
        """Everybody, by id, a page at a time."""
        query = select(AppUser.id).order_by(AppUser.id).limit(most)
        if after is not None:
            query = query.where(AppUser.id > after)
        return list(await self._session.scalars(query))

    async def order_signups(self) -> None:
        """Let one sign-up at a time through, so that only one can be the first."""
        await self._session.execute(text(f"SELECT pg_advisory_xact_lock({SIGNUP_LOCK})"))

    async def any(self) -> bool:
        """Whether anybody has signed up yet."""
        return await self._session.scalar(select(AppUser.id).limit(1)) is not None

    def add(self, user: AppUser) -> None:
        """A new person."""
        self._session.add(user)
