"""What every error looks like on the wire."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel


class ProblemOut(BaseModel):
    """``detail`` says what to do, ``error`` is the name of the kind."""

    detail: str
    error: str


def message_of(problem: Mapping[str, Any]) -> str:
    """What one of Pydantic's errors says. It counts the characters of a text that a validator of ours has
    looked into as the items of a value."""
    if problem["type"] == "too_long" and problem["ctx"]["field_type"] == "Value":
        return f"String should have at most {problem['ctx']['max_length']} characters"
    return str(problem["msg"]).removeprefix("Value error, ")
