"""Who somebody is: sign up, log in, log out, and the token or key that says so in between."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from app.errors import ConflictError, ForbiddenError, NotSignedInError, WrongCredentialsError
from app.models import AppUser
from app.services.api_keys import SCOPES, ApiKeys, Scope, is_api_key
from app.services.passwords import SOMEBODY, hashed, verified
from app.services.rate_limit import RateLimit
from app.services.tokens import Tokens
from app.storage.users import UserStore


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person and the token that stands for them."""

    user: AppUser
    access_token: str


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a request, and what they may do: a person all of it, an agent what its key says."""

    user: AppUser
    scopes: frozenset[Scope]
    is_agent: bool

    def require(self, scope: Scope) -> AppUser:
        """The person, when this may be done in their name.

        Raises:
            ForbiddenError: the key is not good for it.
        """
        if scope not in self.scopes:
            raise ForbiddenError(
                f"This API key may not {scope}: it may {', '.join(sorted(self.scopes))}."
            )
        return self.user

    def require_person(self) -> AppUser:
        """The person themselves.

        Raises:
            ForbiddenError: it is an agent with a key of theirs.
        """
        if self.is_agent:
            raise ForbiddenError("An API key may not do this: sign in with e-mail and password.")
        return self.user


class AuthService:
    """Signing in within one unit of work."""

    def __init__(
        self,
        users: UserStore,
        *,
        keys: ApiKeys,
        tokens: Tokens,
        logins: RateLimit,
        signups: RateLimit,
        admin_emails: tuple[str, ...],
        timezone: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._users = users
        self._keys = keys
        self._tokens = tokens
        self._logins = logins
        self._signups = signups
        self._admin_emails = frozenset(email.lower() for email in admin_emails)
        self._timezone = timezone
        self._clock = clock

    async def sign_up(
        self, email: str, password: str, *, client: str, timezone: str | None = None
    ) -> SignedIn:
        """Make an account, in ``TIMEZONE`` unless another is given. ``ADMIN_EMAILS`` are administrators;
        with none named, the first one is.

        Raises:
            ConflictError: the address has an account.
            TooManyRequestsError: too many sign-ups from one place.
        """
        await self._signups.take(client)
        password_hash = await hashed(password)
        await self._users.order_signups()
        if await self._users.by_email(email) is not None:
            raise ConflictError("This e-mail address has an account already: log in instead.")
        user = AppUser(
            id=uuid4(),
            email=email.lower(),
            password_hash=password_hash,
            timezone=timezone or self._timezone,
            is_admin=await self._becomes_admin(email),
            created_at=self._clock(),
            token_epoch=0,
            recording_paused=False,
        )
        self._users.add(user)
        return SignedIn(user, self._tokens.issue(user.id, epoch=user.token_epoch))

    async def log_in(self, email: str, password: str, *, client: str) -> SignedIn:
        """Check a password; an unknown address takes as long as a wrong password.

        Raises:
            WrongCredentialsError: no account has this address and password.
            TooManyRequestsError: too many wrong passwords.
        """
        attempt = f"{client} {email.lower()}"
        await self._logins.take(attempt)
        user = await self._users.by_email(email)
        password_hash = user.password_hash if user is not None else SOMEBODY
        is_right, renewed = await verified(password, password_hash)
        if user is None or not is_right:
            raise WrongCredentialsError
        await self._logins.clear(attempt)
        if renewed is not None:
            user.password_hash = renewed
        return SignedIn(user, self._tokens.issue(user.id, epoch=user.token_epoch))

    async def log_out(self, token: str | None) -> None:
        """Revoke a token until it would have expired. Whoever is not signed in is signed out already."""
        try:
            claims = self._tokens.read(token or "")
        except NotSignedInError:
            return
        await self._users.revoke(claims.user_id, claims.token_id, until=claims.expires_at)

    async def caller(self, token: str | None) -> Caller:
        """Who stands behind an access token or an API key.

        Raises:
            NotSignedInError: there is none, it is not valid or was revoked, or the account is gone.
        """
        if token is None:
            raise NotSignedInError
        if is_api_key(token):
            owner, scopes = await self._keys.owner(token)
            return Caller(owner, scopes, is_agent=True)
        claims = self._tokens.read(token)
        user = await self._users.signed_in(claims.user_id, claims.token_id, epoch=claims.epoch)
        if user is None:
            raise NotSignedInError("Your session has ended: sign in again.")
        return Caller(user, SCOPES, is_agent=False)

    async def _becomes_admin(self, email: str) -> bool:
        if self._admin_emails:
            return email.lower() in self._admin_emails
        return not await self._users.any()
