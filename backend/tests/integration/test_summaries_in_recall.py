"""Summaries among what is recalled: they stand in for details, and give way to them."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from support.dreamers import MONDAY, Clock, Dreamer, dreaming

from app.dependencies import recall_pipeline
from app.recall.question import Question
from app.settings import Settings
from app.storage.embeddings import EmbeddingStore
from app.storage.scope import Scope

pytestmark = pytest.mark.anyio
ASKED = "What about the boats in the harbour?"


@pytest.fixture
async def somebody(settings: Settings) -> AsyncIterator[Dreamer]:
    """After the night of a Monday that had one talk."""
    async with dreaming(settings, clock=Clock(MONDAY + timedelta(days=80))) as resources:
        person = await Dreamer.sign_up(resources)
        await person.say(
            "We went to see the boats in the harbour.",
            "The harbour master sold us two tickets for the boats.",
            at=MONDAY,
        )
        await person.dream()
        yield person


async def roles(somebody: Dreamer, *, role: str | None = None) -> list[str]:
    """The roles of what a question brings to mind, best first."""
    question = Question(ASKED, 10, somebody.resources.clock(), scope=Scope(role=role))
    async with somebody.resources.database.reading() as work:
        recall = recall_pipeline(somebody.resources, work)
        return [each.trace.role for each in (await recall.recall(somebody.id, question)).memories]


async def test_a_summary_gives_way_to_what_it_tells_of(somebody: Dreamer) -> None:
    assert somebody.summaries() and somebody.summaries("weekly")
    assert await roles(somebody) == ["user", "user"]


async def test_without_the_details_the_summaries_answer(somebody: Dreamer) -> None:
    assert await roles(somebody, role="summary") == ["summary"] * 3


async def test_a_working_memory_that_is_filled_anew_holds_what_was_said(somebody: Dreamer) -> None:
    shared = somebody.resources
    async with shared.database.reading() as work:
        latest = await EmbeddingStore(work.session, shared.column).latest(somebody.id, most=20)
    said = somebody.looking("SELECT id FROM memory_trace WHERE user_id = :me AND role = 'user'")
    assert {trace.trace_id for trace in latest} == {row.id for row in said}
