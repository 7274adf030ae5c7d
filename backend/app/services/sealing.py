"""Secrets of others, such as API keys, as they are stored: unreadable without ``SECRET_KEY``."""

from base64 import urlsafe_b64encode
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import SecretStr

PURPOSE = b"sara-memory settings"


class Sealing:
    """Fernet (AES-128-CBC with HMAC-SHA256) under a key that HKDF (RFC 5869) derives from the first of
    ``secrets``. What was sealed under an earlier one can still be opened."""

    def __init__(self, secrets: Sequence[str]) -> None:
        self._newest = _fernet(secrets[0])
        self._any = MultiFernet([_fernet(secret) for secret in secrets])

    def sealed(self, secret: SecretStr) -> str:
        """As it may be stored."""
        return self._newest.encrypt(secret.get_secret_value().encode()).decode()

    def opened(self, sealed: str) -> SecretStr | None:
        """What was sealed; None when that was under a secret which is not known any more."""
        try:
            return SecretStr(self._any.decrypt(sealed.encode()).decode())
        except InvalidToken:
            return None

    def is_newest(self, sealed: str) -> bool:
        """Whether it was sealed under today's secret."""
        try:
            self._newest.decrypt(sealed.encode())
        except InvalidToken:
            return False
        return True


def _fernet(secret: str) -> Fernet:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(secret.encode())
    return Fernet(urlsafe_b64encode(key))
