"""Where models may be called, whatever a name or a redirect says."""

from collections.abc import Sequence
from ipaddress import IPv4Address

import httpx
import pytest
from fastapi import FastAPI
from fastapi.responses import RedirectResponse
from support.http_server import serving

from app.endpoints import GuardedTransport, endpoint_client, refusal, require_allowed, resolve
from app.errors import AddressRefusedError
from app.settings import endpoint_url

LINK_LOCAL = IPv4Address(bytes((169, 254, 169, 254)))  # where most clouds keep their metadata
AZURE = IPv4Address(bytes((168, 63, 129, 16)))
PRIVATE = IPv4Address(bytes((192, 168, 1, 20)))
PATIENCE = httpx.Timeout(5)


@pytest.mark.parametrize(
    "address",
    [
        str(LINK_LOCAL),
        str(AZURE),
        f"::ffff:{LINK_LOCAL}",
        f"64:ff9b::{LINK_LOCAL}",
        f"2002:{LINK_LOCAL.packed[:2].hex()}:{LINK_LOCAL.packed[2:].hex()}::",
        "fe80::1%eth0",
        "fd00:ec2::254",
        str(IPv4Address(0)),
        "::",
        "ff02::1",
        str(IPv4Address(bytes((224, 0, 0, 1)))),
        str(IPv4Address(bytes((255, 255, 255, 255)))),
    ],
)
def test_addresses_of_the_platform_and_of_nobody_are_refused(address: str) -> None:
    assert refusal(address) is not None


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", str(PRIVATE), "fd12::1", "2000::1"])
def test_a_model_at_home_or_in_the_internet_is_allowed(address: str) -> None:
    assert refusal(address) is None


@pytest.mark.parametrize(
    "url",
    [
        "ftp://models.example/v1",
        "file:///etc/passwd",
        "models.example/v1",
        "http://",
        "http://user:secret@models.example/v1",
        "http://user@models.example/v1",
        "http://models.example/v1?key=secret",
        "http://models.example/v1#key",
        "http://models.example:port/v1",
        "http://models.example\\@elsewhere.example/v1",
        "http://models.example/\r\nHost: elsewhere.example",
    ],
)
def test_what_is_no_plain_http_url_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ValueError, match=r"^(is no|must)") as told:
        endpoint_url(url)
    assert "secret" not in str(told.value)


@pytest.mark.anyio
class TestCalls:
    """What happens when the request is made."""

    @pytest.mark.parametrize("host", [str(LINK_LOCAL), str(int(LINK_LOCAL)), hex(int(LINK_LOCAL))])
    async def test_numbers_that_mean_a_refused_address_are_seen_through(self, host: str) -> None:
        with pytest.raises(AddressRefusedError):
            await require_allowed(f"http://{host}/v1")
        async with endpoint_client(f"http://{host}/v1", api_key=None, timeout=PATIENCE) as client:
            with pytest.raises(AddressRefusedError, match="link-local"):
                await client.post("/v1/embeddings")

    async def test_a_name_that_stands_for_a_refused_address_is_refused(self) -> None:
        async def rebound(_host: str, _port: int) -> Sequence[str]:
            return ["127.0.0.1", str(LINK_LOCAL)]

        async with httpx.AsyncClient(transport=GuardedTransport(resolve=rebound)) as client:
            with pytest.raises(AddressRefusedError, match=r"models\.example"):
                await client.get("http://models.example/")

    async def test_the_connection_goes_to_the_address_that_was_looked_at(self) -> None:
        app = FastAPI()
        app.get("/")(lambda: "here")
        asked: list[str] = []

        async def ours(host: str, _port: int) -> Sequence[str]:
            asked.append(host)
            return ["::1", "127.0.0.1"]  # nothing listens at the first

        with serving(app) as url:
            port = httpx.URL(url).port
            async with httpx.AsyncClient(transport=GuardedTransport(resolve=ours)) as client:
                answer = await client.get(f"http://no.such.name.invalid:{port}/")
        assert (answer.json(), asked) == ("here", ["no.such.name.invalid"])
        assert answer.request.headers["Host"] == f"no.such.name.invalid:{port}"

    async def test_a_redirect_is_not_followed(self) -> None:
        app = FastAPI()
        app.post("/v1/embeddings")(lambda: RedirectResponse(f"http://{LINK_LOCAL}/"))
        with serving(app) as url:
            async with endpoint_client(url, api_key=None, timeout=PATIENCE) as client:
                assert (await client.post("/v1/embeddings")).status_code == 307

    async def test_an_unknown_name_is_no_connection(self) -> None:
        async def nowhere(_host: str, _port: int) -> Sequence[str]:
            raise OSError

        async with httpx.AsyncClient(transport=GuardedTransport(resolve=nowhere)) as client:
            with pytest.raises(httpx.ConnectError):
                await client.get("http://models.example/")

    async def test_the_machines_own_name_is_found(self) -> None:
        assert "127.0.0.1" in await resolve("localhost", 80)
