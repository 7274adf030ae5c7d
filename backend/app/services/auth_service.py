"""Who somebody is: sign up, log in, and the token that says so afterwards."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import jwt
from pwdlib import PasswordHash
from pwdlib.exceptions import PwdlibError
from pwdlib.hashers.argon2 import Argon2Hasher
from pwdlib.hashers.bcrypt import BcryptHasher

from app.errors import ConflictError, NotSignedInError, WrongCredentialsError
from app.models import AppUser
from app.services.rate_limit import RateLimit
from app.storage.users import UserStore

ALGORITHM = "HS256"

# New hashes are argon2; bcrypt hashes of an existing Sara still verify and are renewed at login.
_passwords = PasswordHash((Argon2Hasher(), BcryptHasher()))
_somebody = _passwords.hash("a password to compare with when there is no such account")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person and the token that stands for them."""

    user: AppUser
    access_token: str


class Tokens:
    """Signs and reads access tokens: a JWT, HS256, with the person's id in ``sub``."""

    def __init__(self, secret: str, *, ttl: timedelta, clock: Callable[[], datetime]) -> None:
        self._secret = secret
        self._ttl = ttl
        self._clock = clock

    def issue(self, user_id: UUID) -> str:
        """A token that is good for the configured time from now on."""
        now = self._clock()
        return jwt.encode(
            {"sub": str(user_id), "iat": now, "exp": now + self._ttl}, self._secret, ALGORITHM
        )

    def read(self, token: str) -> UUID:
        """Whose token this is.

        Raises:
            NotSignedInError: it is not ours, has been changed or has expired.
        """
        try:
            claims = jwt.decode(
                token, self._secret, algorithms=[ALGORITHM], options={"require": ["sub", "exp"]}
            )
            return UUID(claims["sub"])
        except (jwt.InvalidTokenError, ValueError) as error:
            raise NotSignedInError("Your session is not valid any more: sign in again.") from error


class AuthService:
    """Accounts within one unit of work."""

    def __init__(
        self,
        users: UserStore,
        *,
        tokens: Tokens,
        logins: RateLimit,
        signups: RateLimit,
        admin_emails: tuple[str, ...],
        timezone: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._users = users
        self._tokens = tokens
        self._logins = logins
        self._signups = signups
        self._admin_emails = frozenset(email.lower() for email in admin_emails)
        self._timezone = timezone
        self._clock = clock

    async def sign_up(self, email: str, password: str, *, client: str) -> SignedIn:
        """Make an account. ``ADMIN_EMAILS`` are administrators; with none named, the first one is.

        Raises:
            ConflictError: the address has an account.
            TooManyRequestsError: too many sign-ups from one place.
        """
        await self._signups.take(client)
        password_hash = await asyncio.to_thread(_passwords.hash, password)
        await self._users.order_signups()
        if await self._users.by_email(email) is not None:
            raise ConflictError("This e-mail address has an account already: log in instead.")
        user = AppUser(
            id=uuid4(),
            email=email.lower(),
            password_hash=password_hash,
            timezone=self._timezone,
            is_admin=await self._becomes_admin(email),
            created_at=self._clock(),
            token_epoch=0,
            recording_paused=False,
        )
        self._users.add(user)
        return SignedIn(user, self._tokens.issue(user.id))

    async def log_in(self, email: str, password: str, *, client: str) -> SignedIn:
        """Check a password; an unknown address takes as long as a wrong password.

        Raises:
            WrongCredentialsError: no account has this address and password.
            TooManyRequestsError: too many wrong passwords.
        """
        attempt = f"{client} {email.lower()}"
        await self._logins.take(attempt)
        user = await self._users.by_email(email)
        password_hash = user.password_hash if user is not None else _somebody
        is_right, renewed = await asyncio.to_thread(_verify, password, password_hash)
        if user is None or not is_right:
            raise WrongCredentialsError
        await self._logins.clear(attempt)
        if renewed is not None:
            user.password_hash = renewed
        return SignedIn(user, self._tokens.issue(user.id))

    async def user(self, token: str | None) -> AppUser:
        """The person behind a token.

        Raises:
            NotSignedInError: there is no token, it is not valid, or the account is gone.
        """
        if token is None:
            raise NotSignedInError
        user = await self._users.get(self._tokens.read(token))
        if user is None:
            raise NotSignedInError("This account is gone: sign up again.")
        return user

    async def _becomes_admin(self, email: str) -> bool:
        if self._admin_emails:
            return email.lower() in self._admin_emails
        return not await self._users.any()


def _verify(password: str, password_hash: str) -> tuple[bool, str | None]:
    """Whether it fits, and a hash in today's form when the stored one is older."""
    try:
        return _passwords.verify_and_update(password, password_hash)
    except (PwdlibError, ValueError):  # bcrypt refuses passwords over 72 bytes
        return False, None
