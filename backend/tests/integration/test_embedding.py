"""Vectors: made up for later when the embedder is away, and never mixed between models."""

import asyncio
from contextlib import closing
from datetime import UTC, datetime

import httpx
import pytest
from conftest import NewDatabase
from support.databases import database_url, scalar
from support.embedders import HashingEmbedder
from support.embedding_endpoint import EmbeddingEndpoint
from support.http_server import serving
from support.people import Person, until

from app.embedders.protocol import Urgency
from app.embedders.remote import RemoteEmbedder
from app.errors import EmbedderUnavailableError, StartupError
from app.main import create_app, running
from app.services.reembedding import reembed
from app.storage.migrations import migrate


def test_a_write_is_durable_while_the_embedder_is_away(new_database: NewDatabase) -> None:
    endpoint = EmbeddingEndpoint()
    with serving(endpoint.app) as endpoint_url:
        fresh = new_database().model_copy(
            update={"embedding_base_url": f"{endpoint_url}/v1", "embedding_model": "remote"}
        )
        migrate(database_url(fresh))
        with serving(create_app(fresh)) as url, closing(Person(url)) as person:
            endpoint.status = 503
            answer = person.post("/memory/trace", json={"content": "The ferry leaves at seven."})
            assert (answer.status_code, answer.json()["heads"]) == (201, [])
            assert answer.json()["pending"] == ["semantic", "entity", "situation"]
            found = person.recall("when does the ferry leave")
            assert found["degraded"] == ["embedder"]
            assert found["results"][0]["content"] == "The ferry leaves at seven."
            ready = person.get("/ready").json()
            assert (ready["embedder"], ready["pending_embeddings"]) == (False, 3)
            endpoint.status = 200
            until(lambda: person.get("/ready").json()["pending_embeddings"] == 0)
            found = person.recall("when does the ferry leave")
            assert found["degraded"] == []
            assert found["results"][0]["scores"]["semantic"] > 0


def test_one_refused_text_does_not_keep_the_others_waiting(new_database: NewDatabase) -> None:
    endpoint = EmbeddingEndpoint()
    endpoint.refuses = "forbidden"
    with serving(endpoint.app) as endpoint_url:
        fresh = new_database().model_copy(
            update={"embedding_base_url": endpoint_url, "embedding_model": "remote"}
        )
        migrate(database_url(fresh))
        with serving(create_app(fresh)) as url, closing(Person(url)) as person:
            person.remember_many(
                [{"content": "a forbidden thing"}, {"content": "an allowed thing"}]
            )
            person.until_embedded()
            found = person.recall("allowed thing", heads="semantic")["results"]
            assert found[0]["content"] == "an allowed thing"
            held = "SELECT count(DISTINCT trace_id) FROM memory_embedding"
            assert scalar(fresh, held) == 1


@pytest.mark.anyio
class TestRemoteEmbedder:
    """Any OpenAI-compatible endpoint."""

    async def embed(self, endpoint: EmbeddingEndpoint, texts: list[str]) -> list[int]:
        with serving(endpoint.app) as url:
            embedder = RemoteEmbedder("remote", base_url=url, api_key=None, dim=768)
            try:
                vectors = await embedder.embed(texts, urgency=Urgency.WRITE)
            finally:
                await embedder.close()
        return [len(chunks) for chunks in vectors]

    async def test_many_and_long_texts_go_in_batches_and_chunks(self) -> None:
        endpoint = EmbeddingEndpoint()
        chunks = await self.embed(endpoint, ["short"] * 70 + ["long " * 3000])
        assert chunks == [1] * 70 + [10]
        assert [len(batch) for batch in endpoint.asked] == [64, 16]

    async def test_a_passing_fault_is_tried_again(self) -> None:
        endpoint = EmbeddingEndpoint()
        endpoint.status = 429
        with pytest.raises(EmbedderUnavailableError, match="HTTP 429"):
            await self.embed(endpoint, ["x"])
        assert len(endpoint.asked) == 2

    async def test_a_refusal_says_what_to_check(self) -> None:
        endpoint = EmbeddingEndpoint()
        endpoint.status = 404
        with pytest.raises(EmbedderUnavailableError, match="EMBEDDING_BASE_URL"):
            await self.embed(endpoint, ["x"])
        assert len(endpoint.asked) == 1

    @pytest.mark.parametrize(
        "answer",
        [
            {"vectors": []},
            {"data": []},
            {"data": [{"index": 0, "embedding": []}]},
            "no",
            {"data": [{"index": 0, "embedding": [None]}]},
        ],
    )
    async def test_nonsense_is_refused(self, answer: object) -> None:
        endpoint = EmbeddingEndpoint()
        endpoint.answer = answer
        with pytest.raises(EmbedderUnavailableError):
            await self.embed(endpoint, ["x"])


def test_another_model_is_refused_until_everything_is_embedded_anew(
    new_database: NewDatabase,
) -> None:
    fresh = new_database()
    migrate(database_url(fresh))
    old = create_app(fresh, embedder=HashingEmbedder("old"))
    with serving(old) as url, closing(Person(url)) as person:
        person.remember("The heron stands in the reeds.")
        person.remember("The kingfisher dives from the willow.")
        person.until_embedded()
        assert person.recall("heron")["results"], "and the working memory is warm"
        token = {"Authorization": person.headers["Authorization"]}
    smaller = fresh.model_copy(update={"embedding_dim": 256})
    new = HashingEmbedder("new", dim=256)

    async def start() -> None:
        async with running(smaller, embedder=new, clock=lambda: datetime.now(UTC)):
            pass

    with pytest.raises(StartupError, match="sara-memory reembed"):
        asyncio.run(start())
    with serving(create_app(fresh, embedder=HashingEmbedder("old"))) as url:
        assert httpx.get(f"{url}/ready").status_code == 200
        with pytest.raises(StartupError, match="stop it first"):
            asyncio.run(reembed(smaller, new, progress=lambda done, total: None))
    steps: list[tuple[int, int]] = []
    asyncio.run(reembed(smaller, new, progress=lambda done, total: steps.append((done, total))))
    assert steps[-1] == (6, 6)
    with serving(create_app(smaller, embedder=new)) as url:
        answer = httpx.get(f"{url}/memory/recall", params={"q": "heron"}, headers=token)
        assert answer.json()["results"][0]["content"] == "The heron stands in the reeds."
    models = "SELECT string_agg(DISTINCT model || vector_dims(vec), ',') FROM memory_embedding"
    assert scalar(smaller, models) == "new256"
    assert scalar(smaller, "SELECT count(DISTINCT trace_id) FROM memory_embedding") == 2


def test_reembedding_goes_on_where_it_was_stopped(new_database: NewDatabase) -> None:
    fresh = new_database()
    migrate(database_url(fresh))
    old = create_app(fresh, embedder=HashingEmbedder("old"))
    with serving(old) as url, closing(Person(url)) as person:
        person.remember_many([{"content": f"Bird number {n} sings."} for n in range(60)])
        person.until_embedded()
    new = HashingEmbedder("new")

    def stop_early(done: int, total: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(reembed(fresh, new, progress=stop_early))
    left = scalar(fresh, "SELECT count(*) FROM pending_embedding")
    assert 0 < left < 180
    steps: list[tuple[int, int]] = []
    asyncio.run(reembed(fresh, new, progress=lambda done, total: steps.append((done, total))))
    assert steps[-1] == (left, left)
    assert scalar(fresh, "SELECT count(*) FROM memory_embedding WHERE model = 'new'") == 180
