"""The durable queue of heads: a claim is no larger than was asked for, however the database joins."""

import pytest
from conftest import NewDatabase
from sqlalchemy import text
from support.databases import database_url
from support.dreamers import MONDAY, Clock, Dreamer, dreaming

from app.storage.migrations import migrate
from app.storage.pending import PendingEmbeddings

HEADS = ("semantic", "entity", "situation")


@pytest.mark.anyio
async def test_a_claim_takes_no_more_than_was_asked_for(new_database: NewDatabase) -> None:
    fresh = new_database()
    migrate(database_url(fresh))
    async with dreaming(fresh, clock=Clock(MONDAY)) as resources:
        somebody = await Dreamer.sign_up(resources)
        lines = await somebody.say(*(f"Bird number {n} sings." for n in range(10)), at=MONDAY)
        wanted = {(trace_id, head) for trace_id in lines for head in HEADS}
        async with resources.database.unit_of_work() as work:
            pending = PendingEmbeddings(work.session)
            await pending.cancel(somebody.id, lines)
            await work.session.execute(text("ANALYZE pending_embedding"))  # believed to be empty
            await pending.add(somebody.id, wanted, now=MONDAY)
            claimed = [await pending.claim(most=12, now=MONDAY) for _ in range(4)]
    assert [len(requests) for requests in claimed] == [12, 12, 6, 0]
    assert {(r.trace_id, r.head) for requests in claimed for r in requests} == wanted
