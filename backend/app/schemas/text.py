"""Text that every store can hold."""

from typing import Annotated

from pydantic import AfterValidator, StringConstraints


def storable(value: str) -> str:
    """The text itself, when PostgreSQL and UTF-8 can hold it.

    Raises:
        ValueError: it has NUL characters or lone surrogates.
    """
    if "\x00" in value or any("\ud800" <= char <= "\udfff" for char in value):
        raise ValueError("must not contain NUL characters or lone surrogates: remove them")
    return value


def _not_blank(value: str) -> str:
    if not value.strip():
        raise ValueError("must not be empty or only white space")
    return value


Text = Annotated[str, AfterValidator(storable)]
FilledText = Annotated[Text, AfterValidator(_not_blank)]
Label = Annotated[FilledText, StringConstraints(max_length=200)]
