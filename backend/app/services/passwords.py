"""Passwords, hashed slowly on purpose, and therefore in a thread."""

import asyncio

from pwdlib import PasswordHash
from pwdlib.exceptions import PwdlibError
from pwdlib.hashers.argon2 import Argon2Hasher
from pwdlib.hashers.bcrypt import BcryptHasher

# New hashes are argon2; bcrypt hashes of an existing Sara still verify and are renewed at login.
HASHERS = (Argon2Hasher(), BcryptHasher())
_passwords = PasswordHash(HASHERS)
SOMEBODY = _passwords.hash("a password to compare with when there is no such account")


async def hashed(password: str) -> str:
    """A hash to store."""
    return await asyncio.to_thread(_passwords.hash, password)


async def verified(password: str, password_hash: str) -> tuple[bool, str | None]:
    """Whether it fits, and a hash in today's form when the stored one is older."""
    return await asyncio.to_thread(_verify, password, password_hash)


def _verify(password: str, password_hash: str) -> tuple[bool, str | None]:
    try:
        return _passwords.verify_and_update(password, password_hash)
    except (PwdlibError, ValueError):  # bcrypt refuses passwords over 72 bytes
        return False, None


def is_verifiable(password_hash: str) -> bool:
    """Whether a hash from elsewhere is of a kind that passwords can be compared with here."""
    return any(hasher.identify(password_hash) for hasher in HASHERS)
