"""Text that every store can hold."""

import re
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(value: str) -> str:
    """The text itself, when PostgreSQL and UTF-8 can hold it.

    Raises:
        ValueError: it has NUL characters or lone surrogates.
    """
    if _UNSTORABLE.search(value):
        raise ValueError("must not contain NUL characters or lone surrogates: remove them")
    return value


def _not_blank(value: str) -> str:
    if not value.strip():
        raise ValueError("must not be empty or only white space")
    return value


Text = Annotated[str, AfterValidator(storable)]
FilledText = Annotated[Text, AfterValidator(_not_blank)]
Label = Annotated[FilledText, StringConstraints(max_length=200)]
