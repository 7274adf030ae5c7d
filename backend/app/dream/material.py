"""What a dream is made of: the raw traces of one day."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class DayTrace:
    """One trace as the dream reads it.

    Attributes:
        said_at: aware, in the person's own zone: its date is the day that the trace belongs to.
        vector: the first chunk of the semantic head, of length 1; None when it is not embedded.
    """

    trace_id: UUID
    role: str
    content: str
    said_at: datetime
    salience: float
    conversation: str | None
    vector: Vector | None
