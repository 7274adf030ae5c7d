"""What a recall may look at, the same in every channel."""

from dataclasses import dataclass
from datetime import datetime

from app.language.time_window import BEGINNING, END


@dataclass(frozen=True, slots=True)
class Scope:
    """Traces from ``since`` up to and without ``until``, of one role and one source type if given."""

    since: datetime = BEGINNING
    until: datetime = END
    role: str | None = None
    source: str | None = None

    def parameters(self) -> dict[str, datetime | str | None]:
        """As the SQL files bind them."""
        return {
            "since": self.since,
            "until": self.until,
            "role": self.role,
            "source": self.source,
        }
