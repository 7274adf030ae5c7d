"""What was chosen over HTTP beside the environment, its sealed keys, and the exchange of clients."""

import asyncio

import pytest
from pydantic import SecretStr

from app.services.ai_choice import AiChoice
from app.services.in_use import InUse
from app.services.sealing import Sealing
from app.settings import Settings

OLD, NEW = "old secret " * 4, "new secret " * 4
HOME, ELSEWHERE = "http://home.example/v1", "http://elsewhere.example/v1"
ENVIRONMENT = Settings.model_construct(
    openai_base_url=HOME, openai_api_key=SecretStr("of the environment"), openai_model="small"
)


def test_what_is_chosen_wins_over_the_environment_and_the_rest_is_its_own() -> None:
    held = AiChoice(openai_model="large").over(ENVIRONMENT)
    assert (held.openai_model, held.openai_base_url) == ("large", HOME)
    assert AiChoice(openai_base_url="").over(ENVIRONMENT).openai_base_url is None


def test_a_key_of_the_environment_stays_with_its_address() -> None:
    assert AiChoice(openai_base_url=ELSEWHERE).over(ENVIRONMENT).openai_api_key is None
    same_host = AiChoice(openai_base_url="http://home.example/other/v1").over(ENVIRONMENT)
    assert same_host.openai_api_key == SecretStr("of the environment")


def test_a_chosen_key_goes_when_its_address_changes() -> None:
    mine = AiChoice(openai_base_url=ELSEWHERE, openai_api_key=SecretStr("mine"))
    moved = mine.changed({"openai_base_url": "http://third.example/v1"}, environment=ENVIRONMENT)
    assert moved.over(ENVIRONMENT).openai_api_key is None
    renewed = mine.changed(
        {"openai_base_url": "http://third.example/v1", "openai_api_key": SecretStr("new")},
        environment=ENVIRONMENT,
    )
    assert renewed.over(ENVIRONMENT).openai_api_key == SecretStr("new")
    kept = mine.changed({"openai_model": "large"}, environment=ENVIRONMENT)
    assert kept.over(ENVIRONMENT).openai_api_key == SecretStr("mine")


def test_null_goes_back_to_the_environment() -> None:
    mine = AiChoice(openai_base_url=ELSEWHERE, openai_api_key=SecretStr("mine"))
    back = mine.changed({"openai_base_url": None}, environment=ENVIRONMENT)
    assert back.over(ENVIRONMENT) == ENVIRONMENT


def test_a_sealed_key_is_unreadable_and_opened_under_a_later_secret() -> None:
    mine = AiChoice(openai_model="large", openai_api_key=SecretStr("sesame"))
    stored = mine.sealed(Sealing([OLD]))
    assert stored["openai_model"] == "large"
    assert "sesame" not in str(stored)
    assert AiChoice.opened(stored, Sealing([NEW, OLD])) == mine
    assert not Sealing([NEW, OLD]).is_newest(stored["openai_api_key"])


def test_a_key_that_no_secret_opens_is_missing() -> None:
    stored = AiChoice(openai_api_key=SecretStr("sesame")).sealed(Sealing([OLD]))
    assert AiChoice.opened(stored, Sealing([NEW])).openai_api_key == SecretStr("")


class _Client:
    """Counts how often it was closed."""

    def __init__(self) -> None:
        self.closed = 0

    async def close(self) -> None:
        self.closed += 1


@pytest.mark.anyio
async def test_a_call_under_way_ends_with_the_client_that_it_began_with() -> None:
    old, new = _Client(), _Client()
    in_use: InUse[_Client] = InUse(old)
    may_end = asyncio.Event()

    async def call() -> int:
        async with in_use.held() as client:
            await may_end.wait()
            assert client is old
            return client.closed

    calls = [asyncio.create_task(call()) for _ in range(2)]
    await asyncio.sleep(0)
    await in_use.exchange(new)
    async with in_use.held() as client:
        assert client is new
    assert old.closed == 0
    may_end.set()
    assert await asyncio.gather(*calls) == [0, 0]
    assert (old.closed, new.closed) == (1, 0)
