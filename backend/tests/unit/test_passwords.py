"""Passwords of the service itself: the suite's are hashed more quickly."""

from app.services.passwords import HASHERS, SOMEBODY


def test_a_hash_takes_time_and_memory() -> None:
    """As OWASP asks of argon2id at least, three times over."""
    for made in (HASHERS[0].hash("a password"), SOMEBODY):
        assert made.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
