"""What every error looks like on the wire."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

BOUNDS = {"too_long": ("at most", "max_length"), "too_short": ("at least", "min_length")}


class ProblemOut(BaseModel):
    """``detail`` says what to do, ``error`` is the name of the kind."""

    detail: str
    error: str


def message_of(problem: Mapping[str, Any]) -> str:
    """What one of Pydantic's errors says. It counts the characters of a text that a validator of ours has
    looked into as the items of a value."""
    if problem["type"] in BOUNDS and problem["ctx"]["field_type"] == "Value":
        bound, name = BOUNDS[problem["type"]]
        return f"String should have {bound} {problem['ctx'][name]} characters"
    return str(problem["msg"]).removeprefix("Value error, ")
