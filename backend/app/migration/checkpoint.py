"""How far a migration has come, kept in the target in the transaction that brought it there."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Literal, Self

from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncSession

from app.migration.source import Place
from app.storage.app_settings import AppSettingStore

Stage = Literal["episodes", "notes", "done"]


@dataclass(frozen=True, slots=True)
class Options:
    """What is brought over, and how it is read: ``batch`` episodes a transaction. A checkpoint counts for
    the same options alone, whatever the batch."""

    source: str
    schema: str = "public"
    since: datetime | None = None
    heads: Sequence[str] = ("semantic", "entity", "situation")
    assume_tz: str = "UTC"
    batch: int = 500

    @property
    def key(self) -> str:
        """Under which the checkpoint is stored. It says nothing of the database's password."""
        url = make_url(self.source)
        told = [url.host, url.port, url.database, str(url.query.get("host")), self.schema]
        told += [str(self.since), ",".join(self.heads), self.assume_tz]
        return f"migration:{sha256(json.dumps(told).encode()).hexdigest()[:24]}"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """``place`` is the last episode that is written; the stages before ``stage`` are done."""

    stage: Stage = "episodes"
    place: Place | None = None
    done: int = 0

    @classmethod
    async def read(cls, session: AsyncSession, key: str) -> Self:
        """Where an earlier run was stopped; the beginning where there was none, or it came to its end."""
        value = (await AppSettingStore(session).get(key)).value
        if not value or value["stage"] == "done":
            return cls()
        place = value["place"] and Place(
            value["place"]["user_id"],
            datetime.fromisoformat(value["place"]["at"]),
            value["place"]["id"],
        )
        return cls(value["stage"], place, value["done"])

    async def put(self, session: AsyncSession, key: str, *, now: datetime) -> None:
        """Keep it, in the transaction of what it stands for."""
        place = self.place and {
            "user_id": self.place.user_id,
            "at": self.place.at.isoformat(),
            "id": self.place.id,
        }
        value = {"stage": self.stage, "place": place, "done": self.done}
        await AppSettingStore(session).put(key, value, now=now)
