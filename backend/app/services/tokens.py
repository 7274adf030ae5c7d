"""Access tokens: signed, dated, and each with an id by which it can be revoked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import jwt

from app.errors import NotSignedInError

ALGORITHM = "HS256"
CLAIMS = ("sub", "exp", "jti", "epoch")


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says: whose it is, its own id, and the epoch of the person's tokens it is of."""

    user_id: UUID
    token_id: UUID
    epoch: int
    expires_at: datetime


class Tokens:
    """Signs JWTs with the first of ``secrets``, and reads those that any of them has signed: a secret
    is changed without signing everybody out by keeping the old one for a while."""

    def __init__(
        self, secrets: Sequence[str], *, ttl: timedelta, clock: Callable[[], datetime]
    ) -> None:
        self._secrets = tuple(secrets)
        self._ttl = ttl
        self._clock = clock

    def issue(self, user_id: UUID, *, epoch: int) -> str:
        """A token that is good for the configured time from now on."""
        now = self._clock()
        claims = {
            "sub": str(user_id),
            "jti": str(uuid4()),
            "epoch": epoch,
            "iat": now,
            "exp": now + self._ttl,
        }
        return jwt.encode(claims, self._secrets[0], ALGORITHM)

    def read(self, token: str) -> Claims:
        """What a token says.

        Raises:
            NotSignedInError: it is not ours, has been changed or has expired.
        """
        try:
            claims = self._decoded(token)
            return Claims(
                user_id=UUID(claims["sub"]),
                token_id=UUID(claims["jti"]),
                epoch=int(claims["epoch"]),
                expires_at=datetime.fromtimestamp(claims["exp"], UTC),
            )
        except (jwt.InvalidTokenError, ValueError, TypeError, AttributeError) as error:
            raise NotSignedInError("Your session is not valid any more: sign in again.") from error

    def _decoded(self, token: str) -> dict[str, Any]:
        for secret in self._secrets[:-1]:
            try:
                return self._decoded_with(secret, token)
            except jwt.InvalidSignatureError:
                continue
        return self._decoded_with(self._secrets[-1], token)

    def _decoded_with(self, secret: str, token: str) -> dict[str, Any]:
        claims: dict[str, Any] = jwt.decode(
            token, secret, algorithms=[ALGORITHM], options={"require": list(CLAIMS)}
        )
        return claims
