"""What two notes have in common, as the words, edges and vectors of their traces know it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.storage.database import statement
from app.storage.sketches import cosine_of

MOST_SAYING = 1_000  # traces that may say a word before it stops telling notes apart
MOST_COMPARED = 200
FEW = 20  # notes with vectors that it takes to say what is usual among them


@dataclass(frozen=True, slots=True)
class SharedName:
    """A name or thing that two notes speak of."""

    name: str
    note_id: UUID


@dataclass(frozen=True, slots=True)
class NearNote:
    """How near another note is in meaning (cosine), and how near the notes of this person usually are."""

    note_id: UUID
    similarity: float
    usual: float


class NoteTieStore:
    """Looks at one person's notes in this session's transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def shared_names(
        self, user_id: UUID, note_id: UUID, names: Mapping[str, Sequence[str]]
    ) -> list[SharedName]:
        """The other notes that say one of these ``names``, given with their terms, or that mention an
        entity which the dream has found in this one as well."""
        pairs = [(name.lower(), term) for name, terms in names.items() for term in terms]
        rows = await self._session.execute(
            statement("shared_names"),
            {
                "user_id": user_id,
                "note_id": note_id,
                "names": [name for name, _ in pairs],
                "terms": [term for _, term in pairs],
                "most": MOST_SAYING,
            },
        )
        spelled = {name.lower(): name for name in names}
        found = {
            SharedName(spelled.setdefault(row.name.lower(), row.name), row.note_id)
            for row in rows.all()
        }
        return sorted(found, key=lambda one: (one.name, one.note_id))

    async def nearest(
        self, user_id: UUID, note_id: UUID, *, most: int, without: Collection[UUID] = ()
    ) -> list[NearNote]:
        """The notes nearest in meaning, nearest first; none while this one waits to be embedded."""
        rows = await self._session.execute(
            statement("nearest_notes"),
            {
                "user_id": user_id,
                "note_id": note_id,
                "without": list(without),
                "compared": max(MOST_COMPARED, 2 * most),
                "most": most,
            },
        )
        return [
            NearNote(
                row.note_id,
                row.similarity,
                max(0.0, cosine_of(row.usual)) if row.notes >= FEW else 0.0,
            )
            for row in rows.all()
        ]
