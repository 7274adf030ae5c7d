"""The one error taxonomy: services raise these, ``main`` turns them into HTTP in one place.

An error's docstring is its message unless a more exact one is passed in.
"""

from typing import ClassVar


class SaraError(Exception):
    """Something went wrong."""

    status: ClassVar[int] = 500

    def __init__(self, detail: str | None = None, *, retry_after: int | None = None) -> None:
        self.detail = detail or (self.__doc__ or "").strip()
        self.retry_after = retry_after
        super().__init__(self.detail)


class NotSignedInError(SaraError):
    """Sign in first: send the access_token cookie or an Authorization: Bearer header."""

    status = 401


class WrongCredentialsError(SaraError):
    """E-mail or password is wrong."""

    status = 401


class ForbiddenError(SaraError):
    """Only an administrator may do this."""

    status = 403


class NotFoundError(SaraError):
    """There is no such thing, or it is not yours."""

    status = 404


class ConflictError(SaraError):
    """This contradicts what is already stored."""

    status = 409


class ContentTooLargeError(SaraError):
    """The request is too large: split it into smaller ones."""

    status = 413


class InvalidInputError(SaraError):
    """The request cannot be understood."""

    status = 422


class AddressRefusedError(InvalidInputError):
    """Models are not called at this address."""


class TooManyRequestsError(SaraError):
    """Too many requests: wait a moment and try again."""

    status = 429


class UnavailableError(SaraError):
    """A part that this needs does not answer at the moment: try again shortly."""

    status = 503


class EmbedderUnavailableError(UnavailableError):
    """The embedding endpoint does not answer."""


class EmbedderRefusedError(EmbedderUnavailableError):
    """The embedding endpoint answers, and does not want this text."""


class StatementRefusedError(SaraError):
    """A statement does not say whose rows it means."""


class StartupError(SaraError):
    """The service cannot start."""
