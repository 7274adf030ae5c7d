"""The people, and the sessions they ended."""

from datetime import datetime
from hashlib import sha256
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import delete, exists, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import AppUser, ClosedAccount, RevokedToken

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

    async def signed_in(self, user_id: UUID, token_id: UUID, *, epoch: int) -> AppUser | None:
        """The person behind a token, unless it was revoked, alone or with all of its epoch."""
        revoked = exists().where(RevokedToken.user_id == user_id, RevokedToken.id == token_id)
        return await self._session.scalar(
            select(AppUser).where(AppUser.id == user_id, AppUser.token_epoch == epoch, ~revoked)
        )

    async def revoke(self, user_id: UUID, token_id: UUID, *, until: datetime) -> None:
        """End one session; nothing happens when it is ended, or its account gone, already."""
        if await self.get(user_id) is None:
            return
        await self._session.execute(
            insert(RevokedToken)
            .values(user_id=user_id, id=token_id, expires_at=until)
            .on_conflict_do_nothing()
        )

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

    async def remove(self, user_id: UUID, *, at: datetime) -> None:
        """Delete a person; everything of theirs goes by its foreign keys. A digest of the id stays, for
        backups from before."""
        await self._session.execute(delete(AppUser).where(AppUser.id == user_id))
        await self._session.execute(
            insert(ClosedAccount)
            .values(digest=account_digest(user_id), closed_at=at)
            .on_conflict_do_nothing()
        )


def account_digest(user_id: UUID) -> bytes:
    """What stays of an account that is closed."""
    return sha256(user_id.bytes).digest()
