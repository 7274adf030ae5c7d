"""What every error looks like on the wire."""

from pydantic import BaseModel


class ProblemOut(BaseModel):
    """``detail`` says what to do, ``error`` is the name of the kind."""

    detail: str
    error: str
