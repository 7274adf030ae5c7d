"""API keys: what an agent signs in with. A key is told once and kept as a digest."""

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Literal
from uuid import UUID, uuid4

from app.errors import ConflictError, NotFoundError, NotSignedInError
from app.models import ApiKey, AppUser
from app.storage.api_keys import ApiKeyStore

Scope = Literal["read", "write", "forget"]
SCOPES: frozenset[Scope] = frozenset(("read", "write", "forget"))
PREFIX = "sara_"
SECRET_BYTES = 24
MOST_KEYS = 50
NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key's row, and the key itself, which nobody can tell again."""

    row: ApiKey
    key: str


class ApiKeys:
    """One person's keys within one unit of work."""

    def __init__(self, store: ApiKeyStore, *, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock

    async def make(self, user_id: UUID, *, name: str, scopes: Collection[Scope]) -> NewKey:
        """A new key.

        Raises:
            ConflictError: there are ``MOST_KEYS`` already.
        """
        if await self._store.count(user_id) >= MOST_KEYS:
            raise ConflictError(f"There are {MOST_KEYS} keys already: delete one first.")
        key_id, secret = uuid4(), secrets.token_bytes(SECRET_BYTES)
        row = ApiKey(
            user_id=user_id,
            id=key_id,
            name=name,
            digest=sha256(secret).digest(),
            scopes=sorted(scopes),
            created_at=self._clock(),
            last_used_at=None,
        )
        self._store.add(row)
        packed = urlsafe_b64encode(user_id.bytes + key_id.bytes + secret)
        return NewKey(row, PREFIX + packed.decode().rstrip("="))

    async def all(self, user_id: UUID) -> list[ApiKey]:
        """Every key, oldest first."""
        return await self._store.all(user_id)

    async def remove(self, user_id: UUID, key_id: UUID) -> None:
        """From now on it opens nothing.

        Raises:
            NotFoundError: there is no such key, or it is somebody else's.
        """
        if not await self._store.remove(user_id, key_id):
            raise NotFoundError("There is no such key, or it is not yours.")

    async def owner(self, key: str) -> tuple[AppUser, frozenset[Scope]]:
        """Whose key this is and what it is good for. Its use is noted once a minute.

        Raises:
            NotSignedInError: it is none, or was deleted.
        """
        user_id, key_id, secret = _unpacked(key)
        found = await self._store.with_owner(user_id, key_id)
        if found is None or not hmac.compare_digest(found[0].digest, sha256(secret).digest()):
            raise NotSignedInError("This API key is not valid any more: make another one.")
        row, user = found
        now = self._clock()
        if row.last_used_at is None or now - row.last_used_at > NOTED_EVERY:
            await self._store.note_use(user_id, key_id, at=now)
        return user, frozenset(scope for scope in SCOPES if scope in row.scopes)


def is_api_key(token: str) -> bool:
    """Whether it looks like a key and not like an access token."""
    return token.startswith(PREFIX)


def _unpacked(key: str) -> tuple[UUID, UUID, bytes]:
    """A key leads with its owner's id: it is looked for among that person's alone."""
    packed = key.removeprefix(PREFIX)
    try:
        raw = urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
        if len(raw) != 32 + SECRET_BYTES:
            raise ValueError
    except (Base64Error, ValueError) as error:
        raise NotSignedInError("This is no API key: copy it whole, or make another one.") from error
    return UUID(bytes=raw[:16]), UUID(bytes=raw[16:32]), raw[32:]
