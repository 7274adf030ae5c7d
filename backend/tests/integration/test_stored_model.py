"""Vectors of one model alone: another one, or another length, is refused or waited for."""

import json
from datetime import UTC, datetime

import numpy as np
import pytest
from conftest import NewDatabase
from sqlalchemy import text
from support.databases import database_url, looking_into, scalar
from support.embedders import HashingEmbedder
from support.embedding_endpoint import EmbeddingEndpoint
from support.landscape import Landscape, put, trials

from app.errors import StartupError
from app.language.words import Words
from app.services.ai_choice import AiChoice
from app.services.ai_models import AiModels, Chosen
from app.services.embedding_service import EmbeddingService
from app.services.sealing import Sealing
from app.services.summary_writer import SummaryWriter
from app.settings import Settings
from app.storage.app_settings import AppSettingStore
from app.storage.database import Database
from app.storage.migrations import migrate


def test_another_model_or_length_is_refused_with_what_to_do(landscape: Landscape) -> None:
    endpoint, shorter = EmbeddingEndpoint(), EmbeddingEndpoint()
    shorter.length = 256
    url = landscape.service(
        hashing=False,
        embedding_base_url=landscape.endpoint(endpoint),
        embedding_model="/no/such/folder",
    )
    admin = landscape.admin(url)
    admin.remember("The heron stands in the reeds.")
    admin.until_embedded()
    before = admin.get("/settings/ai").json()
    for wanted in (
        {"embedding_model": "another"},
        {"embedding_dimension": 1024},
        {"embedding_base_url": landscape.endpoint(shorter)},
        {"embedding_base_url": ""},  # the model cannot be loaded in the service
    ):
        refused = admin.put("/settings/ai", json={**wanted, "openai_model": "large"})
        assert refused.status_code == 409, wanted
        told = "EMBEDDING_MODEL" if wanted == {"embedding_base_url": ""} else "sara-memory reembed"
        assert told in refused.json()["detail"]
        assert admin.get("/settings/ai").json() == before, "nothing of it is stored"
    assert shorter.asked, "it was really asked"
    assert admin.recall("heron")["degraded"] == []


def test_vectors_of_zeros_are_no_vectors(landscape: Landscape) -> None:
    endpoint = EmbeddingEndpoint()
    endpoint.answer = {"data": [{"index": 0, "embedding": [0.0] * 384}]}
    address = landscape.endpoint(endpoint)
    url = landscape.service(hashing=False, embedding_base_url=address, embedding_model="remote")
    admin = landscape.admin(url)
    admin.remember("The heron stands in the reeds.")
    assert scalar(landscape.settings, "SELECT count(*) FROM memory_embedding") == 0
    found = trials(admin)["embedding"]
    assert (found["status"], "zeros" in found["message"]) == ("error", True)
    assert admin.recall("heron")["results"][0]["score"] > 0
    put(admin, embedding_base_url=landscape.endpoint(EmbeddingEndpoint()))
    admin.until_embedded()
    assert admin.recall("heron")["degraded"] == []


def lengths(settings: Settings) -> list[int]:
    """How long the stored vectors are without their padding."""
    with looking_into(settings) as connection:
        vectors = connection.execute(text("SELECT vec::text FROM memory_embedding")).scalars()
        return sorted({int(np.flatnonzero(json.loads(vector))[-1]) + 1 for vector in vectors})


def test_an_endpoint_that_comes_up_with_another_length_is_waited_for(landscape: Landscape) -> None:
    endpoint, later = EmbeddingEndpoint(), EmbeddingEndpoint()
    later.length, later.status = 256, 503
    url = landscape.service(
        hashing=False, embedding_base_url=landscape.endpoint(endpoint), embedding_model="remote"
    )
    admin = landscape.admin(url)
    admin.remember("The heron stands in the reeds.")
    admin.until_embedded()
    put(admin, embedding_base_url=landscape.endpoint(later))
    later.status = 200
    admin.remember("The ferry leaves at seven.")
    found = trials(admin)["embedding"]
    assert (found["status"], found["dimension"]) == ("error", 256)
    assert "sara-memory reembed" in found["message"]
    assert lengths(landscape.settings) == [384], "nothing of the other length is stored"
    assert admin.recall("the reeds of a heron")["degraded"] == ["embedder"]
    later.length = 384
    admin.until_embedded()
    assert admin.recall("heron")["degraded"] == []


def test_the_first_vectors_fix_the_length_for_an_endpoint_that_changes(
    landscape: Landscape,
) -> None:
    endpoint = EmbeddingEndpoint()
    url = landscape.service(
        hashing=False, embedding_base_url=landscape.endpoint(endpoint), embedding_model="remote"
    )
    admin = landscape.admin(url)
    admin.remember("The heron stands in the reeds.")
    endpoint.length = 256
    admin.remember("The ferry leaves at seven.")
    assert trials(admin)["embedding"]["status"] == "error"
    assert lengths(landscape.settings) == [384]


@pytest.mark.anyio
async def test_a_model_that_could_not_be_loaded_is_tried_again(new_database: NewDatabase) -> None:
    settings = new_database()
    migrate(database_url(settings))
    database, sealing = Database(database_url(settings)), Sealing(settings.secrets)
    embedding = EmbeddingService(HashingEmbedder("first"), Words("english"))
    tried: list[str | None] = []

    def make(wanted: Settings) -> HashingEmbedder:
        tried.append(wanted.embedding_base_url)
        if len(tried) < 3:
            raise StartupError
        return HashingEmbedder("second")

    models = AiModels(
        settings,
        Chosen(),
        database=database,
        sealing=sealing,
        embedding=embedding,
        writer=SummaryWriter(None),
        make_embedder=make,
        make_chat=lambda _: None,
    )
    choice = AiChoice(embedding_base_url="http://models.example/v1")
    try:
        async with database.unit_of_work() as work:
            now = datetime.now(UTC)
            await AppSettingStore(work.session).put("ai", choice.sealed(sealing), now=now)
        for times, model in ((1, "first"), (2, "first"), (3, "second"), (3, "second")):
            await models.refresh()
            assert (len(tried), embedding.model) == (times, model)
            assert models.settings.embedding_base_url == choice.embedding_base_url
    finally:
        await database.close()
