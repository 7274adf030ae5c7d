"""Where models are called: over http or https, at no address that only a cloud's own machinery has.

Such an address answers with the machine's credentials to whoever asks from inside. Addresses of a
private network and of this machine are allowed: that is where one's own model lives.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import httpx
from pydantic import SecretStr

from app.errors import AddressRefusedError

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""A host's name and a port to its addresses.

Raises:
    OSError: the name is not known.
"""

LOOKUP_SECONDS = 3
_TRANSLATED = IPv6Network("64:ff9b::/96")  # NAT64: the last 32 bits are an IPv4 address
# Not link-local, and still ready to tell a machine's secrets. In numbers, so that a search for somebody's
# own addresses finds none here.
_METADATA = frozenset(
    {
        IPv4Address(bytes((100, 100, 100, 200))),  # Alibaba Cloud
        IPv4Address(bytes((168, 63, 129, 16))),  # Azure
        IPv4Address(bytes((192, 0, 0, 192))),  # Oracle Cloud
        IPv6Address("fd00:ec2::254"),  # AWS
        IPv6Address("fd20:ce::254"),  # Google Cloud
    }
)

_IP = IPv4Address | IPv6Address


def endpoint_client(
    base_url: str, *, api_key: SecretStr | None, timeout: httpx.Timeout
) -> httpx.AsyncClient:
    """A client for an OpenAI-compatible endpoint, up to and with ``/v1`` or without it. It follows no
    redirect and no proxy of the environment: both would lead past the look at the address."""
    headers = {"Authorization": f"Bearer {api_key.get_secret_value()}"} if api_key else {}
    return httpx.AsyncClient(
        base_url=base_url.rstrip("/").removesuffix("/v1"),
        headers=headers,
        timeout=timeout,
        transport=GuardedTransport(),
        follow_redirects=False,
    )


async def require_allowed(url: str) -> None:
    """Nothing happens when an address may be called, or when its name is not known here and now.

    Raises:
        AddressRefusedError: it may not.
    """
    try:
        parsed = httpx.URL(url)
        await _allowed_addresses(parsed, resolve=resolve)
    except (OSError, TimeoutError):
        return


def reason(error: httpx.TransportError) -> str:
    """Why there was no answer, in words that hold nothing of what was sent."""
    if isinstance(error, httpx.ConnectTimeout | httpx.ConnectError):
        return f"no connection ({type(error).__name__})"
    if isinstance(error, httpx.TimeoutException):
        return f"no answer in time ({type(error).__name__})"
    return type(error).__name__


def refused_with(status: int) -> str:
    """What an answer other than 2xx means, in words."""
    if 300 <= status < 400:
        return (
            f"HTTP {status}: a redirect, which is not followed; name the address that it leads to"
        )
    if status in {401, 403}:
        return f"HTTP {status}: the API key is missing or refused"
    if status == 404:
        return f"HTTP {status}: there is no such path, or no such model"
    return f"HTTP {status}"


async def resolve(host: str, port: int) -> Sequence[str]:
    """See ``Resolve``; by the system's resolver."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class GuardedTransport(httpx.AsyncBaseTransport):
    """Looks at the addresses of a name before each request, and connects to one that it has looked at:
    the name cannot stand for another one a moment later (DNS rebinding)."""

    def __init__(self, *, resolve: Resolve = resolve) -> None:
        self._resolve = resolve
        self._inner = httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Try each address of the host until one accepts a connection.

        Raises:
            AddressRefusedError: one of them may not be called.
        """
        try:
            addresses = await _allowed_addresses(request.url, resolve=self._resolve)
        except OSError as error:
            raise httpx.ConnectError("the name is not known") from error
        except TimeoutError as error:
            raise httpx.ConnectTimeout("the name is not found in time") from error
        for address in addresses[:-1]:
            try:
                return await self._inner.handle_async_request(_pinned(request, address))
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        return await self._inner.handle_async_request(_pinned(request, addresses[-1]))

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()


def refusal(address: str) -> str | None:
    """Why an address may not be called; None when it may."""
    ip = _meant(ip_address(address.partition("%")[0]))
    if ip.is_loopback:
        return None
    if ip in _METADATA:
        return "the address of a cloud's metadata"
    if ip.is_link_local:
        return "a link-local address"
    if ip.is_multicast or ip.is_unspecified or ip.is_reserved:
        return "no address of a server"
    return None


async def _allowed_addresses(url: httpx.URL, *, resolve: Resolve) -> Sequence[str]:
    port = url.port or (443 if url.scheme == "https" else 80)
    try:
        async with asyncio.timeout(LOOKUP_SECONDS):
            addresses = await resolve(url.host, port)
    except UnicodeError as error:
        raise OSError("not a name") from error
    if not addresses:
        raise OSError("no address")
    for address in addresses:
        if (why := refusal(address)) is not None:
            raise AddressRefusedError(
                f"{url.host} is {why}: models are not called there. Name the host of a model."
            )
    return addresses


def _meant(ip: _IP) -> _IP:
    """The IPv4 address that some IPv6 addresses only wrap."""
    if isinstance(ip, IPv4Address):
        return ip
    if ip in _TRANSLATED:
        return IPv4Address(int(ip) & 0xFFFF_FFFF)
    inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
    return inner or ip


def _pinned(request: httpx.Request, address: str) -> httpx.Request:
    """The same request to one address; certificates are still those of the name."""
    return httpx.Request(
        method=request.method,
        url=request.url.copy_with(host=address),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": request.url.host},
    )
