"""The models' settings: changed while the service runs, in every replica, without giving a key away."""

import asyncio
import logging
import sys
from io import StringIO
from ipaddress import IPv4Address
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Response
from pydantic import SecretStr
from support.chat_endpoint import ChatEndpoint
from support.databases import scalar
from support.embedders import HashingEmbedder
from support.embedding_endpoint import EmbeddingEndpoint
from support.http_server import serving
from support.landscape import Landscape, put, trials
from support.people import PASSWORD, until

from app.errors import StartupError
from app.main import create_app
from app.services.ai_models import held_settings

KEY = "sk-unheard-of-4711"
LINK_LOCAL = IPv4Address(bytes((169, 254, 169, 254)))
PRIVATE = IPv4Address(bytes((192, 168, 77, 88)))


def test_everybody_sees_the_environments_and_only_an_administrator_changes(
    landscape: Landscape,
) -> None:
    url = landscape.service(openai_api_key=SecretStr(KEY))
    admin = landscape.admin(url)
    other = landscape.admin(url)
    shown = other.get("/settings/ai").json()
    assert (shown["openai_base_url"], shown["openai_model"]) == (None, "gpt-4o-mini")
    assert (shown["embedding_model"], shown["embedding_dimension"]) == ("hashing", 768)
    assert (shown["openai_api_key_set"], shown["chosen"]) == (True, [])
    refused = other.put("/settings/ai", json={"openai_model": "large"})
    assert (refused.status_code, refused.json()["error"]) == (403, "ForbiddenError")
    key = admin.post("/auth/keys", json={"name": "agent", "scopes": ["read", "write"]}).json()
    agent = landscape.elsewhere(admin, url)
    agent.headers["Authorization"] = f"Bearer {key['key']}"
    assert agent.get("/settings/ai").status_code == 200
    assert agent.put("/settings/ai", json={"openai_model": "large"}).status_code == 403
    assert put(admin, openai_model="large")["chosen"] == ["openai_model"]


def test_saras_own_form_is_taken_as_it_is_sent(landscape: Landscape) -> None:
    admin = landscape.admin(landscape.service())
    form = {
        "openai_base_url": "http://models.example/v1",
        "openai_model": "large",
        "openai_notification_model": "small",
        "embedding_base_url": None,
        "embedding_model": "hashing",
        "embedding_dimension": 768,
    }
    assert put(admin, **form).items() >= form.items()


def test_what_is_chosen_survives_a_restart_and_wins_over_the_environment(
    landscape: Landscape,
) -> None:
    chat = ChatEndpoint()
    address = landscape.endpoint(chat)
    with serving(create_app(landscape.settings, embedder=HashingEmbedder())) as url:
        admin = landscape.admin(url)
        put(admin, openai_base_url=address, openai_model="large", openai_api_key=KEY)
    url = landscape.service(openai_model="of-the-environment")
    again = landscape.elsewhere(admin, url)
    shown = again.get("/settings/ai").json()
    assert (shown["openai_model"], shown["openai_api_key_set"]) == ("large", True)
    assert trials(again)["llm"]["status"] == "ok"
    assert (chat.asked[-1]["model"], chat.keys[-1]) == ("large", f"Bearer {KEY}")
    assert put(again, openai_model=None)["openai_model"] == "of-the-environment"


def test_every_replica_changes_without_a_restart_even_without_redis(
    landscape: Landscape,
) -> None:
    first, second = EmbeddingEndpoint(), EmbeddingEndpoint()
    here = landscape.endpoint(first)
    at = {"hashing": False, "embedding_base_url": here, "embedding_model": "remote"}
    one = landscape.service(**at)
    other = landscape.service(**at, redis_url=SecretStr("redis://127.0.0.1:9/0"))
    admin = landscape.admin(one)
    beside = landscape.elsewhere(admin, other)
    beside.remember("The heron stands in the reeds.")
    beside.until_embedded()
    there, asked_before = landscape.endpoint(second), len(first.asked)
    put(admin, embedding_base_url=there, embedding_api_key=KEY)

    def is_asked_there() -> bool:
        """A recall and nothing else, so that the replica has to notice by itself."""
        found = beside.recall(f"heron {len(first.asked) + len(second.asked)}")
        assert found["results"][0]["content"] == "The heron stands in the reeds."
        return f"Bearer {KEY}" in second.keys and len(second.asked) > 2

    until(is_asked_there)
    at_the_end = len(first.asked)
    assert at_the_end >= asked_before
    beside.recall("reeds of the heron")
    assert len(first.asked) == at_the_end, "the first endpoint is not asked any more"


def test_a_key_is_nowhere_to_be_read(
    landscape: Landscape, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    said = StringIO()  # stays open, unlike what pytest puts there: loggers keep it
    monkeypatch.setattr(sys, "stderr", said)
    caplog.set_level(logging.DEBUG)
    chat = ChatEndpoint()
    chat.statuses = [401]
    admin = landscape.admin(landscape.service())
    answers = [
        admin.put(
            "/settings/ai",
            json={"openai_base_url": landscape.endpoint(chat), "openai_api_key": KEY},
        ).text,
        admin.get("/settings/ai").text,
        admin.post("/settings/ai/test").text,
        admin.put("/settings/ai", json={"openai_api_key": f"{KEY}\n"}).text,
        admin.put("/settings/ai", json={"openai_base_url": f"http://x:{KEY}@h/"}).text,
    ]
    assert chat.keys == [f"Bearer {KEY}"]
    stored = scalar(landscape.settings, "SELECT string_agg(s::text, ' ') FROM app_setting AS s")
    assert "openai_api_key" in stored
    assert "settings.applied" in said.getvalue() or "POST" in caplog.text
    for place in (*answers, stored, said.getvalue(), caplog.text):
        assert KEY not in place


def test_a_key_is_not_sent_to_another_address_than_it_was_given_for(landscape: Landscape) -> None:
    trusted, other = ChatEndpoint(), ChatEndpoint()
    admin = landscape.admin(landscape.service())
    put(admin, openai_base_url=landscape.endpoint(trusted), openai_api_key=KEY)
    moved = put(admin, openai_base_url=landscape.endpoint(other))
    assert moved["openai_api_key_set"] is False
    assert trials(admin)["llm"]["status"] == "ok"
    assert other.keys == [None]


@pytest.mark.parametrize("name", ["openai_base_url", "embedding_base_url"])
def test_addresses_where_no_model_is_are_refused(landscape: Landscape, name: str) -> None:
    admin = landscape.admin(landscape.service())
    for url, word in (
        (f"http://{LINK_LOCAL}/latest", "link-local"),
        (f"http://{int(LINK_LOCAL)}/v1", "link-local"),
        (f"http://[::ffff:{LINK_LOCAL}]/v1", "link-local"),
        ("ftp://models.example", "http"),
        ("http://somebody:secret@models.example/v1", "password"),
    ):
        refused = admin.put("/settings/ai", json={name: url})
        assert refused.status_code == 422
        assert word in refused.json()["detail"]
        assert "secret" not in refused.text


def test_reembedding_calls_the_endpoint_that_was_chosen(landscape: Landscape) -> None:
    settings = landscape.settings
    assert asyncio.run(held_settings(settings)) == settings
    address = landscape.endpoint(EmbeddingEndpoint())
    with serving(create_app(settings, embedder=HashingEmbedder())) as url:
        put(landscape.admin(url), embedding_base_url=address, embedding_api_key=KEY)
    held = asyncio.run(held_settings(settings))
    assert (held.embedding_base_url, held.embedding_api_key) == (address, SecretStr(KEY))
    with pytest.raises(StartupError, match="SECRET_KEY"):
        asyncio.run(held_settings(settings.model_copy(update={"secret_key": None})))


def test_a_key_without_an_address_exchanges_nothing(landscape: Landscape) -> None:
    """The model in the service would be loaded a second time, and this one cannot be."""
    admin = landscape.admin(landscape.service())
    assert put(admin, embedding_api_key=KEY)["embedding_api_key_set"] is True


def test_a_model_in_ones_own_network_is_allowed(landscape: Landscape) -> None:
    admin = landscape.admin(landscape.service())
    address = f"http://{PRIVATE}:11434/v1"
    assert put(admin, openai_base_url=address)["openai_base_url"] == address


class TestTrials:
    """``POST /settings/ai/test``."""

    def test_both_are_called_as_the_service_does(self, landscape: Landscape) -> None:
        chat, endpoint = ChatEndpoint(), EmbeddingEndpoint()
        url = landscape.service(
            hashing=False,
            embedding_base_url=landscape.endpoint(endpoint),
            embedding_model="remote",
            openai_base_url=landscape.endpoint(chat),
        )
        found = trials(landscape.admin(url))
        assert found["llm"]["status"] == found["embedding"]["status"] == "ok"
        assert (found["embedding"]["dimension"], found["embedding"]["stored_dimension"]) == (
            384,
            768,
        )
        assert found["llm"]["latency_ms"] > 0
        assert found["embedding"]["latency_ms"] > 0
        assert chat.asked[0]["response_format"]["type"] == "json_schema"

    def test_no_language_model_is_no_error(self, landscape: Landscape) -> None:
        found = trials(landscape.admin(landscape.service()))["llm"]
        assert (found["status"], found["latency_ms"]) == ("off", None)

    @pytest.mark.parametrize(
        ("status", "word"), [(401, "key"), (404, "no such model"), (307, "redirect"), (500, "500")]
    )
    def test_what_is_wrong_is_said_in_words(
        self, landscape: Landscape, status: int, word: str
    ) -> None:
        chat, endpoint = ChatEndpoint(), EmbeddingEndpoint()
        chat.statuses, endpoint.status = [status], status
        url = landscape.service(
            hashing=False,
            embedding_base_url=landscape.endpoint(endpoint),
            embedding_model="remote",
            openai_base_url=landscape.endpoint(chat),
        )
        found = trials(landscape.admin(url))
        for part in ("llm", "embedding"):
            assert found[part]["status"] == "error"
            assert word in found[part]["message"]
        assert found["embedding"]["dimension"] is None

    def test_an_address_that_became_a_refused_one_is_not_called(self, landscape: Landscape) -> None:
        """As the environment, an older database or the name server may have it."""
        url = landscape.service(openai_base_url=f"http://{LINK_LOCAL}/v1")
        found = trials(landscape.admin(url))["llm"]
        assert found["status"] == "error"
        assert "link-local" in found["message"]

    def test_nonsense_and_silence_are_errors(self, landscape: Landscape) -> None:
        endpoint = EmbeddingEndpoint()
        endpoint.answer = {"data": "no"}
        url = landscape.service(
            hashing=False,
            embedding_base_url=landscape.endpoint(endpoint),
            embedding_model="remote",
            openai_base_url="http://127.0.0.1:9/v1",
        )
        found = trials(landscape.admin(url))
        assert "OpenAI's form" in found["embedding"]["message"]
        assert "no connection" in found["llm"]["message"]

    def test_they_are_not_for_agents_and_not_for_ever(self, landscape: Landscape) -> None:
        admin = landscape.admin(landscape.service())
        codes = [admin.post("/settings/ai/test").status_code for _ in range(21)]
        assert codes == [200] * 20 + [429]
        key = admin.post("/auth/keys", json={"name": "agent"}).json()["key"]
        headers = {"Authorization": f"Bearer {key}"}
        assert admin.post("/settings/ai/test", headers=headers).status_code == 403


def test_a_changed_secret_keeps_the_keys_and_the_old_one_can_go(landscape: Landscape) -> None:
    chat = ChatEndpoint()
    address = landscape.endpoint(chat)
    login = {"email": "admin@example.com", "password": PASSWORD}
    same_site = {"Sec-Fetch-Site": "same-origin"}
    first, second = SecretStr("first secret " * 4), SecretStr("second secret " * 4)

    def told(*, secret: SecretStr, before: tuple[SecretStr, ...] = (), **wanted: Any) -> Any:
        changes = {"secret_key": secret, "secret_key_previous": before}
        changed = landscape.settings.model_copy(update=changes)
        app = create_app(changed, embedder=HashingEmbedder())
        with serving(app) as url, httpx.Client(base_url=url, timeout=60) as client:
            signed_up = client.post("/auth/signup", json=login)
            if signed_up.status_code == 409:
                client.post("/auth/login", json=login).raise_for_status()
            if wanted:
                client.put("/settings/ai", json=wanted, headers=same_site).raise_for_status()
            return client.get("/settings/ai").json()

    told(secret=first, openai_base_url=address, openai_api_key=KEY)
    assert told(secret=second, before=(first,))["openai_api_key_set"] is True
    assert told(secret=second)["openai_api_key_set"] is True, "it was sealed anew on the way"
    assert told(secret=first)["openai_api_key_set"] is False, "without its secret it is lost"


def test_two_changes_at_one_moment_do_not_mix(landscape: Landscape) -> None:
    """The second one is told to look again, when it was made from what the first has replaced."""
    pausing = FastAPI()
    seen: list[str] = []
    admin = landscape.admin(landscape.service())

    @pausing.post("/v1/embeddings")
    def meanwhile() -> Response:
        seen.append(str(put(admin, openai_model="quick")["openai_model"]))
        return Response(status_code=503)

    with serving(pausing) as url:
        slow = admin.put("/settings/ai", json={"embedding_base_url": url, "openai_model": "slow"})
    assert (slow.status_code, slow.json()["error"], seen) == (409, "ConflictError", ["quick"])
    shown = admin.get("/settings/ai").json()
    assert (shown["openai_model"], shown["embedding_base_url"]) == ("quick", None)
