"""What people change about their own account, up to its end, and what an administrator may."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.errors import ForbiddenError, NotFoundError, WrongCredentialsError
from app.models import AppUser
from app.services.auth_service import SignedIn
from app.services.passwords import hashed, verified
from app.services.rate_limit import RateLimit
from app.services.tokens import Tokens
from app.services.turns import Turns, take_turn
from app.storage.database import UnitOfWork
from app.storage.traces import TraceStore
from app.storage.users import UserStore
from app.storage.working_memory import WorkingMemory


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to become different; None stays as it is. A new ``password`` comes with the current."""

    timezone: str | None = None
    recording_paused: bool | None = None
    password: str | None = None
    current_password: str | None = None


class AccountService:
    """One person's account within one unit of work."""

    def __init__(
        self,
        work: UnitOfWork,
        *,
        users: UserStore,
        traces: TraceStore,
        tokens: Tokens,
        logins: RateLimit,
        working_memory: WorkingMemory,
        turns: Turns,
        reopen_days: Callable[[UUID, str], Awaitable[None]],
        clock: Callable[[], datetime],
    ) -> None:
        self._work = work
        self._users = users
        self._traces = traces
        self._tokens = tokens
        self._logins = logins
        self._working_memory = working_memory
        self._turns = turns
        self._reopen_days = reopen_days
        self._clock = clock

    async def change(self, user_id: UUID, changes: Changes) -> SignedIn | AppUser:
        """Change what is given. In a new time zone some things were said on other days; those are opened
        for the dream, and so are the days on which they had been said. With a new password every other
        session ends; this one goes on with the token in the answer.

        Raises:
            WrongCredentialsError: the current password is wrong.
            TooManyRequestsError: it was wrong too often.
        """
        user = await self._user(user_id)
        if changes.password is not None:
            await self._check(user, changes.current_password or "")
            await self._set_password(user, changes.password)
        if changes.timezone is not None and changes.timezone != user.timezone:
            before, user.timezone = user.timezone, changes.timezone
            self._work.after_commit.append(lambda: self._reopen_days(user_id, before))
        if changes.recording_paused is not None:
            user.recording_paused = changes.recording_paused
        if changes.password is None:
            return user
        return SignedIn(user, self._tokens.issue(user.id, epoch=user.token_epoch))

    async def reset_password(self, admin: AppUser, email: str, password: str) -> None:
        """Give somebody a new password, which ends all their sessions.

        Raises:
            ForbiddenError: only an administrator may.
            NotFoundError: nobody has this address.
        """
        if not admin.is_admin:
            raise ForbiddenError
        user = await self._users.by_email(email)
        if user is None:
            raise NotFoundError("No account has this e-mail address.")
        await self._set_password(user, password)

    async def erase(self, user_id: UUID, password: str) -> None:
        """Delete the account and everything in it, in Postgres and in Redis.

        Raises:
            WrongCredentialsError: the password is wrong.
            TooManyRequestsError: it was wrong too often.
        """
        await self._check(await self._user(user_id), password)
        usage = await take_turn(user_id, turns=self._turns, work=self._work, traces=self._traces)
        await self._users.remove(user_id, at=self._clock())
        self._work.after_commit.append(
            lambda: self._drop_from_mind(user_id, generation=usage.generation + 1)
        )

    async def _user(self, user_id: UUID) -> AppUser:
        user = await self._users.get(user_id)
        if user is None:
            raise NotFoundError("This account is gone.")
        return user

    async def _check(self, user: AppUser, password: str) -> None:
        """No connection is held while the password is hashed."""
        attempt = str(user.id)
        await self._logins.take(attempt)
        await self._work.session.commit()
        is_right, _ = await verified(password, user.password_hash)
        if not is_right:
            raise WrongCredentialsError("The current password is wrong.")
        await self._logins.clear(attempt)

    async def _set_password(self, user: AppUser, password: str) -> None:
        user.password_hash = await hashed(password)
        user.token_epoch += 1

    async def _drop_from_mind(self, user_id: UUID, *, generation: int) -> None:
        """What is left in Redis is the number of a generation, for as long as a late write may come."""
        await self._working_memory.drop(user_id, generation=generation)
