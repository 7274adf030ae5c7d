"""Conversations of a recall set, told to the service's own code as what somebody said."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid5

from tqdm import tqdm

from app.dependencies import Resources
from app.services.trace_draft import NewTrace
from app.storage.traces import TraceStore
from in_process import new_person, remember, until_embedded
from recall_set import Conversation

NOBODY = UUID("00000000-0000-0000-0000-0000000ab1a7")
LONGEST = 100_000


async def tell(shared: Resources, name: str, conversations: Sequence[Conversation]) -> UUID:
    """Somebody who has had these conversations; from an earlier run where the store has it."""
    user_id = uuid5(NOBODY, " ".join((name, *(each.id for each in conversations))))
    async with shared.database.reading() as work:
        if (await TraceStore(work.session).usage(user_id)).traces:
            return user_id
    await new_person(shared, user_id)
    for conversation in conversations:
        await remember(shared, user_id, said_in(conversation, is_one=len(conversations) == 1))
    return user_id


async def dream_of(shared: Resources, people: Sequence[UUID]) -> None:
    """All nights of these people since their first day, and the downshift of what is old by now; those of
    an earlier run change nothing."""
    for user_id in tqdm(people, desc="dream"):
        await shared.dream.dream_for(user_id)
    await until_embedded(shared)
    await shared.downshift.run()


def said_in(conversation: Conversation, *, is_one: bool = True) -> list[NewTrace]:
    """Its turns; where there is more than one conversation, their ids begin with the conversation's."""
    within = "" if is_one else f"{conversation.id}/"
    return [
        NewTrace(
            content=turn.text[:LONGEST],
            role=turn.role,
            created_at=moment(turn.at),
            salience=None,
            source={
                "type": "chat",
                "id": within + turn.id,
                "conversation_id": within + turn.session,
            },
            meta={},
        )
        for turn in conversation.turns
        if turn.text.strip()
    ]


async def turns_of(shared: Resources, user_id: UUID) -> dict[UUID, str]:
    """The turn that each trace is."""
    found: dict[UUID, str] = {}
    page = 1
    async with shared.database.unit_of_work() as work:
        traces = TraceStore(work.session)
        while rows := await traces.page(user_id, page=page, per_page=1_000):
            found |= {row.id: row.source["id"] for row in rows if row.source["type"] == "chat"}
            page += 1
    return found


def moment(text: str | None) -> datetime | None:
    """When it was said or asked, if that is known."""
    return None if text is None else datetime.fromisoformat(text)
