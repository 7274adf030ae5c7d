"""Recognises words again without keeping them: a digest that only the holder of the secret can make."""

import hmac
import json
from collections.abc import Sequence
from uuid import UUID

PURPOSE = b"sara-memory tombstone"


class KeyedDigest:
    """HMAC-SHA256 under a key derived from ``SECRET_KEY``. Digests under earlier secrets are still
    recognised."""

    def __init__(self, secrets: Sequence[str]) -> None:
        self._keys = [hmac.digest(secret.encode(), PURPOSE, "sha256") for secret in secrets]

    def of(self, user_id: UUID, words: Sequence[str | int | float | None]) -> list[str]:
        """The digest of one person's words, in hex: under today's secret first, then earlier ones."""
        said = json.dumps([str(user_id), *words]).encode()
        return [hmac.digest(key, said, "sha256").hex() for key in self._keys]
